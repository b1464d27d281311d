// A part of a file as the input of grep, so that several greps can share out one file.
import { findProgram } from '../../process/find-program.js';
import { probe } from '../../process/probe.js';

/** A part of a text that consists of whole lines. */
export interface TextSlice {
  /** The offset in the file, in bytes. */
  start: number;
  /** `undefined` for all that follows. */
  length: number | undefined;
}

/** The programs that make slices, by their absolute paths: dd and head of GNU coreutils. */
export interface Slicer {
  dd: string;
  head: string;
}

/** Printed if grep got less than the slice. */
const LOST_INPUT = 'grepd: lost input';

/**
 * dd(1) moves the offset of the file that is the standard input, and copies nothing. Statuses
 * above 128 mean that grep has ended early.
 */
const BOUNDED = `dd=$1 head=$2 start=$3 length=$4
shift 4
{
  "$dd" iflag=skip_bytes skip="$start" count=0 status=none && "$head" -c "$length" ||
    [ "$?" -gt 128 ] || echo '${LOST_INPUT}' >&2
} | exec "$@"`;
/** grep continues where dd has moved the offset to, so nothing is copied. */
const UNBOUNDED = `dd=$1 start=$3
shift 4
"$dd" iflag=skip_bytes skip="$start" count=0 status=none || exit 2
exec "$@"`;

let found: Promise<Slicer | undefined> | undefined;

/** Returns `undefined` if the programs are missing, or other ones. Looks once per process. */
export function findSlicer(): Promise<Slicer | undefined> {
  found ??= probeSlicer();
  return found;
}

async function probeSlicer(): Promise<Slicer | undefined> {
  const [dd, head] = await Promise.all(['dd', 'head'].map(findProgram));
  if (dd === undefined || head === undefined) return undefined;
  const slicer = { dd, head };
  const [program = '', ...args] = sliceCommand(slicer, { start: 1, length: 2 }, ['cat']);
  const output = await probe(program, args, { input: 'abcd' }).catch(() => '');
  return output === 'bc' ? slicer : undefined;
}

/** Returns the command that runs `command` with a slice of its standard input, if there is one. */
export function sliceCommand(
  slicer: Slicer | undefined,
  slice: TextSlice | undefined,
  command: readonly string[],
): readonly string[] {
  if (slice === undefined) return command;
  if (slicer === undefined) throw new Error('No programs to make slices');
  const { start, length } = slice;
  const script = length === undefined ? UNBOUNDED : BOUNDED;
  return ['/bin/sh', '-c', script, 'sh', slicer.dd, slicer.head, String(start), String(length), ...command];
}

export function hasLostInput(stderr: string): boolean {
  return stderr.includes(LOST_INPUT);
}
