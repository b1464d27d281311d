// One ls: what it prints of a folder, name by name.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { OperatorError } from '../../errors.js';
import { findProgram } from '../../process/find-program.js';
import { type Bounds, type Exit, runProgram } from '../../process/run-program.js';
import type { ListQuery } from '../engine.js';
import { Lines } from '../entries/lines.js';

/** The ls program. */
export interface Ls {
  /** Absolute path. */
  program: string;
}

export interface LsRun {
  options: ListQuery['options'];
  /** The folder to list: absolute. */
  folder: string;
  bounds: Bounds;
}

/** A line that ls printed, in full, and what it is about. */
export type LsLine =
  /** A folder's heading, with its path from the folder that is listed: `.` or `./sub`. */
  | { kind: 'heading'; text: string; path: string }
  | { kind: 'name'; text: string; name: string }
  /** The blocks that all files of a folder take: `total 12`. */
  | { kind: 'total'; text: string }
  /** Before a heading. */
  | { kind: 'blank'; text: '' };

/** ls ended by itself with something else than what it lists. */
export class LsError extends Error {
  override readonly name = 'LsError';
  /** The signal that ended it, where one did. */
  readonly killedBy: NodeJS.Signals | null;

  constructor({ status, killedBy, stderr }: Exit) {
    super(`${killedBy ?? `status ${status}`}: ${stderr}`);
    this.killedBy = killedBy;
  }
}

const TIMEOUT_MS = 10_000;

/** Throws an OperatorError where there is no ls that quotes names. */
export async function findLs(): Promise<Ls> {
  const program = await findProgram('ls');
  if (program === undefined)
    throw new OperatorError(`There is no ls in PATH (${process.env.PATH}), which grepd needs.`);
  const { stdout } = await promisify(execFile)(program, ['--version'], { timeout: TIMEOUT_MS }).catch(() => ({
    stdout: '',
  }));
  if (!stdout.includes('coreutils'))
    throw new OperatorError(`${program} is not the ls of coreutils, which grepd needs.`);
  return { program };
}

/** Longer than any path in quotes. */
const LINE_BYTES = 64 * 1024;

/** ls's exit status for "minor problems": a folder within could not be read; 2 is failure (ls(1), EXIT STATUS). */
const MINOR_PROBLEMS = 1;

/**
 * The lines that ls prints, as it prints them. Returns whether something within the folder could not be read. Throws as runProgram does,
 * and LsError when ls fails.
 */
export async function* runLs(ls: Ls, run: LsRun, signal: AbortSignal): AsyncGenerator<LsLine[], boolean, void> {
  // -Q: names in quotes, as C has them, so that each has a line of its own and can be told from what stands before it. `.` and `..`,
  // which -a would add to what -A adds, are no part of the folder. The order is by bytes.
  const options = run.options.map((option) => (option === '-a' ? '-A' : option));
  const exit = yield* inLines(
    runProgram(
      { program: ls.program, args: ['-Q', ...options], cwd: run.folder, env: { LC_ALL: 'C' }, bounds: run.bounds },
      signal,
    ),
  );
  if (exit.status !== 0 && exit.status !== MINOR_PROBLEMS) throw new LsError(exit);
  // A name that has gone meanwhile is not missing.
  return exit.stderr.split('\n').some((line) => line !== '' && !line.endsWith('No such file or directory'));
}

async function* inLines(output: AsyncGenerator<Buffer, Exit, void>): AsyncGenerator<LsLine[], Exit, void> {
  const lines = new Lines(LINE_BYTES, 'lf');
  try {
    for (;;) {
      const step = await output.next();
      if (step.done) return step.value;
      yield lines.read(step.value).map(readLine);
    }
  } finally {
    // Where the reader leaves, so does ls: what it has to say then is of no concern.
    await output.return(NOT_ENDED);
  }
}

const NOT_ENDED: Exit = { status: null, killedBy: null, stderr: '' };

/** What stands before a name, the name in its quotes, and what stands behind them. */
const QUOTED = /^([^"]*)"((?:[^"\\]|\\.)*)"(.*)$/;

function readLine(line: string): LsLine {
  const [, before = '', quoted = '', after] = QUOTED.exec(line) ?? [];
  if (after === undefined) return line === '' ? { kind: 'blank', text: '' } : { kind: 'total', text: line };
  const name = unquote(quoted);
  if (after === ':') return { kind: 'heading', text: `${name}:`, path: name };
  // Behind the name of a link stands where it leads, which tells more of the machine than of the folder.
  return { kind: 'name', text: before + name, name };
}

const LETTERS: Record<string, string> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

function unquote(quoted: string): string {
  if (!quoted.includes('\\')) return quoted;
  // In Latin-1 each byte is a character.
  const bytes = Buffer.from(quoted)
    .toString('latin1')
    .replace(/\\([0-7]{3}|.)/g, (_, escaped: string) =>
      escaped.length === 3 ? String.fromCharCode(Number.parseInt(escaped, 8)) : (LETTERS[escaped] ?? escaped),
    );
  return Buffer.from(bytes, 'latin1').toString();
}
