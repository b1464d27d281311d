// Turns grep's failures into errors for the caller.
import { AppError } from '../../errors.js';
import { correctRegex, renderCorrection } from '../pattern/correct-regex.js';
import { type Grep, GrepError, type Pattern, runGrep } from './run-grep.js';

export interface FailureOptions {
  grep: Grep;
  /** The memory limit of the failed grep. */
  searchMemoryBytes: number;
}

/** The parts of a failed search that can explain its failure. */
export interface FailedSearch {
  pattern: Pattern;
  signal: AbortSignal;
}

/** Returns `undefined` if neither the pattern nor a lack of memory explains the failure. */
export async function toGrepAppError(
  failure: GrepError,
  { pattern, signal }: FailedSearch,
  options: FailureOptions,
): Promise<AppError | undefined> {
  const limit = `${options.searchMemoryBytes / 2 ** 20} MiB`;
  if (pattern.isRegex) {
    const rejection = await findRejection(pattern, signal, options);
    if (rejection !== undefined) {
      const reason = rejection.lacksMemory
        ? `grep needs more than ${limit} of memory for it`
        : `grep reports: ${rejection.reason}`;
      const correction = rejection.lacksMemory ? undefined : correctionOf(pattern);
      const sentence = `"${pattern.field}" must be a regular expression that grep accepts; ${reason}.`;
      const invalidField = { name: pattern.field, correction };
      // The correction quotes the term, which the log must not.
      const errorOptions = { cause: failure, invalidField, reason: sentence };
      return new AppError('invalid_request', `${sentence}${renderCorrection(correction)}`, errorOptions);
    }
  }
  if (failure.killedBy !== null) {
    const message = `grep was killed by ${failure.killedBy}, probably because the system ran out of memory.`;
    return new AppError('search_memory', message, { cause: failure });
  }
  if (failure.lacksMemory) {
    return new AppError('search_memory', `The search exceeded its memory limit of ${limit}.`, { cause: failure });
  }
  return undefined;
}

/**
 * Throws `invalid_request` if grep rejects the pattern. For searches without any text, which run no
 * grep.
 */
export async function assertPattern(search: FailedSearch, options: FailureOptions): Promise<void> {
  const rejection = search.pattern.isRegex && (await findRejection(search.pattern, search.signal, options));
  if (rejection) throw (await toGrepAppError(rejection, search, options)) ?? rejection;
}

/** Runs grep with the pattern on empty input, and returns its failure, if any. */
async function findRejection(
  pattern: Pattern,
  signal: AbortSignal,
  { grep, searchMemoryBytes }: FailureOptions,
): Promise<GrepError | undefined> {
  const limits = { memoryBytes: searchMemoryBytes };
  try {
    await runGrep(grep, { pattern, output: [], files: [], limits }, signal).next();
    return undefined;
  } catch (error) {
    if (!(error instanceof GrepError)) throw error;
    // SIGKILL comes from outside, like the OOM killer's, and proves nothing about the pattern.
    return error.killedBy === 'SIGKILL' ? undefined : error;
  }
}

function correctionOf({ terms }: Pattern): string | undefined {
  const [only] = terms;
  return terms.length === 1 && only !== undefined ? correctRegex(only) : undefined;
}
