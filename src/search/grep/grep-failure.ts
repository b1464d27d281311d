// What it means to the caller that grep failed.
import { AppError } from '../../errors.js';
import { type Grep, GrepError, type Pattern, runGrep } from './run-grep.js';

export interface FailureOptions {
  grep: Grep;
  /** The most memory that grep may have had. */
  searchMemoryBytes: number;
}

/** What grep was asked. */
export interface Asking {
  pattern: Pattern;
  signal: AbortSignal;
}

/** An AppError where it is for the pattern or for want of memory. */
export async function toGrepAppError(
  failure: GrepError,
  { pattern, signal }: Asking,
  options: FailureOptions,
): Promise<AppError | undefined> {
  const memory = `more memory than the ${options.searchMemoryBytes / 2 ** 20} MiB that it may have`;
  if (pattern.isRegex) {
    const refusal = await findRefusal(pattern, signal, options);
    const reason = refusal?.lacksMemory ? `grep needs ${memory} for it` : `grep says: ${refusal?.reason}`;
    if (refusal !== undefined) {
      const message = `"term" must be a regular expression that grep takes; ${reason}.`;
      return new AppError('invalid_request', message, { cause: failure });
    }
  }
  if (failure.killedBy !== null) {
    const message = `grep was ended by ${failure.killedBy}, as the system does where memory runs out.`;
    return new AppError('search_memory', message, { cause: failure });
  }
  if (failure.lacksMemory) return new AppError('search_memory', `The search needed ${memory}.`, { cause: failure });
  return undefined;
}

/** Throws `invalid_request` where grep refuses the pattern: for a search of no text, which grep is not run for. */
export async function assertPattern(asking: Asking, options: FailureOptions): Promise<void> {
  const refusal = asking.pattern.isRegex && (await findRefusal(asking.pattern, asking.signal, options));
  if (refusal) throw (await toGrepAppError(refusal, asking, options)) ?? refusal;
}

/** How grep fails with the pattern alone, without any text. */
async function findRefusal(
  pattern: Pattern,
  signal: AbortSignal,
  { grep, searchMemoryBytes }: FailureOptions,
): Promise<GrepError | undefined> {
  const bounds = { memoryBytes: searchMemoryBytes };
  try {
    await runGrep(grep, { pattern, output: [], files: [], bounds }, signal).next();
    return undefined;
  } catch (error) {
    if (!(error instanceof GrepError)) throw error;
    // That comes from outside (the kernel, where memory runs out), and says nothing of the pattern.
    return error.killedBy === 'SIGKILL' ? undefined : error;
  }
}
