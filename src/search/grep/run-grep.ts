// One grep: its arguments, and what its exit status means.
import { type Bounds, type Exit, runProgram } from '../../process/run-program.js';
import type { SearchQuery } from '../engine.js';
import { isExpensive } from '../pattern/expensive-term.js';
import type { GrepOutcome } from '../search-counts.js';

/** The grep program. */
export interface Grep {
  /** Absolute path. */
  program: string;
  /** The name of a locale whose characters are those of UTF-8, and whose messages are in English. */
  utf8Locale: string;
  /** Of its runs. */
  counts?: Record<GrepOutcome, number>;
}

/** What a line must be to match. */
export interface Pattern {
  options: readonly string[];
  /** grep's PATTERNS: a line matches where it matches one of them. */
  terms: readonly string[];
  /** Whether grep must compare characters, not bytes. */
  isUtf8: boolean;
  isRegex: boolean;
  /** Whether grep may need much more time or memory for it than for the text by itself. */
  isExpensive: boolean;
}

export interface GrepRun {
  pattern: Pattern;
  /** What is printed of the lines that match. */
  output: readonly string[];
  /** Paths of the files to search, never chosen by a caller. If empty, grep reads its input. */
  files: readonly string[];
  cwd?: string;
  input?: number | AsyncIterable<Buffer> | undefined;
  /** The value of GREP_COLORS, where matches are to be marked. */
  colors?: string | undefined;
  bounds?: Bounds | undefined;
}

/** What every line matches: the empty text. */
export const EVERY_LINE: Pattern = { options: ['-F'], terms: [''], isUtf8: false, isRegex: false, isExpensive: false };

export function patternOf(query: SearchQuery): Pattern {
  const { term, syntax, ignore_case } = query;
  const options = { literal: ['-F'], word: ['-F', '-w'], regex: ['-E'] }[syntax];
  return {
    options: ignore_case ? [...options, '-i'] : options,
    terms: [term],
    // A literal term is whole UTF-8 characters, and no byte of one can be mistaken for a part of another. So the C locale, which
    // compares bytes, finds what a comparison of characters finds, and spares grep loading another one.
    isUtf8: syntax !== 'literal' || ignore_case,
    isRegex: syntax === 'regex',
    isExpensive: isExpensive(query),
  };
}

/** grep's exit status for "no line was selected"; 0 is "found", all else is failure (grep(1), EXIT STATUS). */
export const NOT_FOUND = 1;

/** grep ended by itself with something else than "found" or "not found". */
export class GrepError extends Error {
  override readonly name = 'GrepError';
  /** The signal that ended it, where one did. */
  readonly killedBy: NodeJS.Signals | null;
  /** Whether it was for want of memory. */
  readonly lacksMemory: boolean;
  /** What grep gives as its reason, without the warnings. */
  readonly reason: string;

  constructor(program: string, { status, killedBy, stderr }: Exit) {
    super(`${killedBy ?? `status ${status}`}: ${stderr}`);
    const lines = stderr
      .split('\n')
      .map((line) => (line.startsWith(`${program}: `) ? line.slice(program.length + 2) : line));
    this.reason = lines.filter((line) => !line.startsWith('warning: ')).at(-1) ?? '';
    // grep's own words (xalloc.h) and those of glibc's regcomp; a crash on a stack that can't grow; the kernel's last resort.
    this.killedBy = killedBy;
    this.lacksMemory = killedBy !== null || /memory exhausted|stack overflow/i.test(stderr);
  }
}

/** What grep prints, as it prints it. Throws as runProgram does, and GrepError when grep fails. */
export async function* runGrep(grep: Grep, run: GrepRun, signal: AbortSignal): AsyncGenerator<Buffer, void, void> {
  const { pattern, output, files, cwd, input, colors, bounds } = run;
  // -a: text, whatever bytes it holds. -h: no file names, unless the output asks for them. Without a file, grep takes its
  // standard input.
  const operands = files.length > 0 ? files : ['-'];
  const patterns = pattern.terms.flatMap((term) => ['-e', term]);
  const args = ['-a', '-h', ...pattern.options, ...output, ...patterns, '--', ...operands];
  const env = {
    LC_ALL: pattern.isUtf8 ? grep.utf8Locale : 'C',
    ...(colors !== undefined && { GREP_COLORS: colors }),
  };
  let outcome: GrepOutcome = 'cancelled';
  try {
    const exit = yield* runProgram(
      { program: grep.program, args, ...(cwd !== undefined && { cwd }), env, input, bounds },
      signal,
    );
    outcome = outcomeOf(exit.status);
    if (outcome === 'failed') throw new GrepError(grep.program, exit);
  } finally {
    if (grep.counts !== undefined) grep.counts[outcome] += 1;
  }
}

export function outcomeOf(status: number | null): GrepOutcome {
  if (status === 0) return 'found';
  return status === NOT_FOUND ? 'not_found' : 'failed';
}
