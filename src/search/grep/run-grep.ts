// One grep: its arguments, and what its exit status means.
import { runProgram } from '../../program/run-program.js';
import type { DictionaryFile } from './dictionaries.js';

export interface GrepRun {
  /** grep's absolute path. */
  program: string;
  /** Matching options; the operands are added. */
  options: readonly string[];
  /** grep's PATTERN, taken literally. */
  term: string;
  /** At least one, or grep would read its standard input. */
  files: readonly DictionaryFile[];
  /** The folder that the files' paths are relative to. */
  cwd: string;
}

/** grep's exit status for "no line was selected"; 0 is "found", all else is failure (grep(1), EXIT STATUS). */
const NOT_FOUND = 1;

/** grep reads at least 100 MB a second: less text than this takes it a fraction of a second, and then it ends by itself. */
const QUICK_BYTES = 16 * 1024 * 1024;

/** grep ended by itself with something else than "found" or "not found". */
export class GrepFailed extends Error {
  override readonly name = 'GrepFailed';
}

/** What grep prints, as it prints it. Throws as runProgram does, and GrepFailed when grep fails. */
export async function* runGrep(run: GrepRun, signal: AbortSignal): AsyncGenerator<Buffer, void, void> {
  // -F: the term as it stands. -a: text, whatever bytes it holds. -h: no file names, however many files there are.
  // The term is whole UTF-8 characters, and no byte of one can be mistaken for a part of another. So the C locale, which compares
  // bytes, finds what a comparison of characters finds, and spares grep loading another one.
  const args = ['-F', '-a', '-h', ...run.options, '-e', run.term, '--', ...run.files.map(({ path }) => `./${path}`)];
  const mayTakeLong = run.files.reduce((sum, { bytes }) => sum + bytes, 0) > QUICK_BYTES;
  const { status, killedBy, stderr } = yield* runProgram(
    { program: run.program, args, cwd: run.cwd, mayTakeLong },
    signal,
  );
  if (status !== 0 && status !== NOT_FOUND) throw new GrepFailed(`${killedBy ?? `status ${status}`}: ${stderr}`);
}
