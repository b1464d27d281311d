// Runs ls, and parses its output line by line.
import { OperatorError } from '../../errors.js';
import { findRequiredProgram } from '../../process/find-program.js';
import { probe } from '../../process/probe.js';
import type { ResourceLimits } from '../../process/resource-limits.js';
import { type Exit, runProgram } from '../../process/run-program.js';
import type { ListQuery } from '../engine.js';
import { LineSplitter } from '../entries/lines.js';

/** The ls program. */
export interface Ls {
  /** Absolute path. */
  program: string;
}

export interface LsRun {
  options: ListQuery['options'];
  /** The absolute path of the folder to list. */
  folder: string;
  limits: ResourceLimits;
  /** Whether to ignore problems with a path, which is relative to the folder. */
  isHidden?: (path: string) => boolean;
}

/** A line that ls printed. */
export type LsLine =
  /** A folder's heading. The path is relative to the listed folder: `.` or `./sub`. */
  | { kind: 'heading'; text: string; path: string }
  | { kind: 'name'; text: string; name: string }
  /** The total number of blocks of a folder: `total 12`. */
  | { kind: 'total'; text: string }
  /** The line before a heading. */
  | { kind: 'blank'; text: '' };

/** ls failed. */
export class LsError extends Error {
  override readonly name = 'LsError';
  /** The signal that terminated it, if any. */
  readonly killedBy: NodeJS.Signals | null;

  constructor({ status, killedBy, stderr }: Exit) {
    super(`${killedBy ?? `status ${status}`}: ${stderr}`);
    this.killedBy = killedBy;
  }
}

/** Throws an OperatorError if the ls of GNU coreutils is missing. Others can't quote names. */
export async function findLs(): Promise<Ls> {
  const program = await findRequiredProgram('ls', 'the ls of GNU coreutils');
  const output = await probe(program, ['--version']).catch(() => '');
  if (!output.includes('coreutils'))
    throw new OperatorError(`${program} is not the ls of GNU coreutils, which grepd needs.`);
  return { program };
}

/** More than the longest quoted path takes. */
const LINE_BYTES = 64 * 1024;

/** ls's exit status if it can't read a subfolder. 2 means failure (ls(1)). */
const MINOR_PROBLEMS = 1;

/**
 * Yields the lines of ls as they arrive. Returns whether something in the folder wasn't readable.
 * Throws LsError if ls fails, and what `runProgram` throws.
 */
export async function* runLs(ls: Ls, run: LsRun, signal: AbortSignal): AsyncGenerator<LsLine[], boolean, void> {
  // -Q quotes names like C, so each takes one line and can be distinguished from the text before
  // it. Unlike -a, -A omits `.` and `..`. The C locale sorts by bytes.
  const options = run.options.map((option) => (option === '-a' ? '-A' : option));
  const exit = yield* inLines(
    runProgram(
      { program: ls.program, args: ['-Q', ...options], cwd: run.folder, env: { LC_ALL: 'C' }, limits: run.limits },
      signal,
    ),
  );
  if (exit.status !== 0 && exit.status !== MINOR_PROBLEMS) throw new LsError(exit);
  // A file that was removed during the listing isn't a problem.
  return exit.stderr
    .split('\n')
    .some((line) => line !== '' && !line.endsWith('No such file or directory') && !isAboutHidden(line, run));
}

async function* inLines(output: AsyncGenerator<Buffer, Exit, void>): AsyncGenerator<LsLine[], Exit, void> {
  const lines = new LineSplitter(LINE_BYTES, 'lf');
  try {
    for (;;) {
      const step = await output.next();
      if (step.done) return step.value;
      yield lines.read(step.value).map(parseLine);
    }
  } finally {
    // If the reader leaves early, this kills ls, and its exit is ignored.
    await output.return(IGNORED_EXIT);
  }
}

/** Messages quote paths like a shell: `'./a/b'`, or `"./it's"`. */
function isAboutHidden(message: string, { isHidden }: LsRun): boolean {
  const [, top] = / ['"]\.\/(.*?)(?:\/|['"]:)/.exec(message) ?? [];
  return top !== undefined && isHidden?.(top) === true;
}

const IGNORED_EXIT: Exit = { status: null, killedBy: null, stderr: '' };

/** The text before a name, the quoted name, and the text after it. */
const QUOTED = /^([^"]*)"((?:[^"\\]|\\.)*)"(.*)$/;

function parseLine(line: string): LsLine {
  const [, before = '', quoted = '', after] = QUOTED.exec(line) ?? [];
  if (after === undefined) return line === '' ? { kind: 'blank', text: '' } : { kind: 'total', text: line };
  const name = unquote(quoted);
  if (after === ':') return { kind: 'heading', text: `${name}:`, path: name };
  // Drop the text after the name: the target of a link would reveal paths of the machine.
  return { kind: 'name', text: before + name, name };
}

const ESCAPES: Record<string, string> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

function unquote(quoted: string): string {
  if (!quoted.includes('\\')) return quoted;
  // Decode as Latin-1, in which each byte is a character.
  const bytes = Buffer.from(quoted)
    .toString('latin1')
    .replace(/\\([0-7]{3}|.)/g, (_, escaped: string) =>
      escaped.length === 3 ? String.fromCharCode(Number.parseInt(escaped, 8)) : (ESCAPES[escaped] ?? escaped),
    );
  return Buffer.from(bytes, 'latin1').toString();
}
