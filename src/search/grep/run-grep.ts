// Runs grep: its arguments, its locale, and the meaning of its exit status.
import type { ResourceLimits } from '../../process/resource-limits.js';
import { type Exit, runProgram } from '../../process/run-program.js';
import type { Tracer } from '../../tracing/tracer.js';
import { type LineCondition, type LineConditions, type Term, termsReadAlike } from '../engine.js';
import { isExpensive } from '../pattern/expensive-term.js';
import { requiredLiterals } from '../pattern/required-literals.js';
import type { GrepOutcome } from '../search-counts.js';
import { endGrepSpan, startGrepSpan } from './grep-span.js';
import { OperandList } from './operand-list.js';
import { hasLostInput, type Slicer, sliceCommand, type TextSlice } from './text-slice.js';

/** The grep program. */
export interface Grep {
  /** Absolute path. */
  program: string;
  /** The name of a locale with UTF-8 characters and English messages. */
  utf8Locale: string;
  /** The absolute path of cat(1), if it was found. */
  cat?: string | undefined;
  /** Set if grep can read a slice of a file. */
  slicer?: Slicer | undefined;
  /** Counts its runs by their outcome. */
  counts?: Record<GrepOutcome, number>;
  tracer?: Tracer | undefined;
}

/** What to search for. */
export interface Pattern {
  options: readonly string[];
  /** grep's PATTERNS: a line matches if it matches any of them. */
  terms: readonly string[];
  /** Whether grep must compare characters rather than bytes. */
  isUtf8: boolean;
  isRegex: boolean;
  /** Strings that every matching line contains once its case is folded. */
  required: readonly string[];
  /** What the lines must match besides. */
  conditions?: readonly PatternCondition[];
  /** The field that the terms come from, for messages. */
  field: string;
  /** Whether the pattern or a condition, and not just the size of the text, may cost grep much. */
  isExpensive: boolean;
}

/** As LineCondition. If it is negated, there is one pattern. */
export interface PatternCondition {
  patterns: readonly Pattern[];
  isNegated: boolean;
}

export interface GrepRun {
  pattern: Pattern;
  /** Options for what grep prints. */
  output: readonly string[];
  /** Paths of the files to search, never chosen by a caller. If empty, grep reads its input. */
  files: readonly string[];
  cwd?: string;
  input?: number | AsyncIterable<Buffer> | undefined;
  /** The part of the input to read, which is a file whose offset is at its start. */
  slice?: TextSlice | undefined;
  /** The value of GREP_COLORS, to mark matches. */
  colors?: string | undefined;
  limits?: ResourceLimits | undefined;
}

/** The empty term, which every line matches. */
export const EVERY_LINE: Pattern = {
  options: ['-F'],
  terms: [''],
  isUtf8: false,
  isRegex: false,
  required: [],
  field: 'term',
  isExpensive: false,
};

/** Returns the options and patterns of grep for a search (grep(1), Matching Control). */
export function patternOf(query: Term & LineConditions): Pattern {
  const { term, syntax, ignore_case, field = 'term', alternatives = [], isInverted = false } = query;
  const options = { literal: ['-F'], word: ['-F', '-w'], regex: ['-E'] }[syntax];
  const conditions = (query.conditions ?? []).flatMap(toPatternConditions);
  const required = conditions.flatMap(({ patterns, isNegated }) =>
    isNegated || patterns.length > 1 ? [] : (patterns[0] as Pattern).required,
  );
  const isRequired = alternatives.length === 0 && !isInverted;
  return {
    options: [...options, ...(ignore_case ? ['-i'] : []), ...(isInverted ? ['-v'] : [])],
    terms: [term, ...alternatives],
    // UTF-8 is self-synchronizing, so a literal term matches the same bytes as characters. The C
    // locale compares bytes, and spares grep loading another locale.
    isUtf8: syntax !== 'literal' || ignore_case,
    isRegex: syntax === 'regex',
    required: [...(isRequired ? requiredLiterals(query).folded : []), ...required],
    ...(conditions.length > 0 && { conditions }),
    // Several terms come from one array.
    field: alternatives.length === 0 ? field : field.replace(/\[\d+\]$/, ''),
    isExpensive:
      [term, ...alternatives].some((each) => isExpensive({ ...query, term: each })) ||
      conditions.some(({ patterns }) => patterns.some((each) => each.isExpensive)),
  };
}

/** One grep for the terms that are read alike. */
function toPatternConditions({ terms, isNegated }: LineCondition): PatternCondition[] {
  const patterns = termsReadAlike(terms).map(([first, ...others]) =>
    patternOf({ ...(first as Term), alternatives: others.map(({ term }) => term) }),
  );
  return isNegated ? patterns.map((pattern) => ({ patterns: [pattern], isNegated })) : [{ patterns, isNegated }];
}

/** grep's exit status if no line was selected. 0 means found, all others failure (grep(1)). */
export const NOT_FOUND = 1;

/** grep failed: its exit status was neither 0 nor `NOT_FOUND`. */
export class GrepError extends Error {
  override readonly name = 'GrepError';
  /** The signal that terminated it, if any. */
  readonly killedBy: NodeJS.Signals | null;
  /** Whether it probably failed for lack of memory. */
  readonly lacksMemory: boolean;
  /** grep's last error message, without warnings. */
  readonly reason: string;

  constructor(program: string, { status, killedBy, stderr }: Exit) {
    super(`${killedBy ?? `status ${status}`}: ${stderr}`);
    const lines = stderr
      .split('\n')
      .map((line) => (line.startsWith(`${program}: `) ? line.slice(program.length + 2) : line));
    this.reason = lines.filter((line) => !line.startsWith('warning: ')).at(-1) ?? '';
    this.killedBy = killedBy;
    // Killed: a crash because the stack can't grow, or the kernel's OOM killer. Otherwise, messages
    // of grep (xalloc.h) and of glibc's regcomp.
    this.lacksMemory = killedBy !== null || /memory exhausted|stack overflow/i.test(stderr);
  }
}

/**
 * Yields grep's output as it arrives. Throws GrepError if grep fails, and what `runProgram` throws.
 */
export async function* runGrep(grep: Grep, run: GrepRun, signal: AbortSignal): AsyncGenerator<Buffer, void, void> {
  const { pattern, output, files, cwd, input, slice, colors, limits } = run;
  // -a: treat all files as text. -h: print no file names, unless `output` overrides it. `-`: read
  // the standard input.
  const operands = files.length > 0 ? files : ['-'];
  const patterns = pattern.terms.flatMap((term) => ['-e', term]);
  // -D skip: a device or FIFO that has replaced a file could keep grep busy forever.
  const devices = files.length > 0 ? ['-D', 'skip'] : [];
  const options = ['-a', '-h', ...devices, ...pattern.options, ...output];
  const command = [grep.program, ...options, ...patterns, '--'] as const;
  const list = grep.cat === undefined ? undefined : OperandList.create(operands);
  const [program = grep.program, ...args] =
    list?.commandFor(grep.cat as string, command) ?? sliceCommand(grep.slicer, slice, [...command, ...operands]);
  const env = {
    LC_ALL: pattern.isUtf8 ? grep.utf8Locale : 'C',
    ...(colors !== undefined && { GREP_COLORS: colors }),
  };
  const span = startGrepSpan(grep.tracer, false);
  let outcome: GrepOutcome = 'cancelled';
  try {
    const exit = yield* runProgram({ program, args, ...(cwd !== undefined && { cwd }), env, input, limits }, signal);
    outcome = outcomeOf(exit.status);
    if (outcome === 'failed' || hasLostInput(exit.stderr)) throw new GrepError(grep.program, exit);
  } finally {
    list?.close();
    if (grep.counts !== undefined) grep.counts[outcome] += 1;
    endGrepSpan(span, outcome);
  }
}

/** Interprets an exit status of grep (grep(1), EXIT STATUS); `null` if a signal ended it. */
export function outcomeOf(status: number | null): GrepOutcome {
  if (status === 0) return 'found';
  return status === NOT_FOUND ? 'not_found' : 'failed';
}
