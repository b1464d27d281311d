// What it means to the caller that grep failed.
import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../errors.js';
import type { Dictionaries } from '../dictionaries.js';
import { isDenied } from '../root.js';
import { called, changed } from './open-dictionary.js';
import type { Question } from './question.js';
import { type Grep, GrepFailed, type Pattern, runGrep } from './run-grep.js';

export interface FailureOptions {
  grep: Grep;
  dictionaries: Dictionaries;
  /** The most memory that grep may have had. */
  searchMemoryBytes: number;
}

/** An AppError, or the failure itself where that is nothing but a bug. */
export async function explainFailure(failure: GrepFailed, question: Question, options: FailureOptions): Promise<Error> {
  const { pattern, signal } = question;
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
  return (await explainByFiles(failure, question, options)) ?? failure;
}

/** Throws `invalid_request` where grep refuses the pattern: for a search of no text, which grep is not run for. */
export async function checkPattern(question: Question, options: FailureOptions): Promise<void> {
  const refusal = question.pattern.isRegex && (await findRefusal(question.pattern, question.signal, options));
  if (refusal) throw await explainFailure(refusal, question, options);
}

/** How grep fails with the pattern alone, without any text. */
async function findRefusal(
  pattern: Pattern,
  signal: AbortSignal,
  { grep, dictionaries, searchMemoryBytes }: FailureOptions,
): Promise<GrepFailed | undefined> {
  const bounds = { memoryBytes: searchMemoryBytes };
  try {
    await runGrep(grep, { pattern, output: [], files: [], cwd: dictionaries.root.path, bounds }, signal).next();
    return undefined;
  } catch (error) {
    if (error instanceof GrepFailed) return error;
    throw error;
  }
}

/** Does the failure have to do with the files, which change while we look? */
async function explainByFiles(
  cause: GrepFailed,
  { query: { dictionary: name }, dictionary }: Question,
  { dictionaries }: FailureOptions,
): Promise<AppError | undefined> {
  await dictionaries.files(name);
  for (const { path } of dictionary.files) {
    try {
      await access(join(dictionaries.root.path, path), constants.R_OK);
    } catch (error) {
      if (!isDenied(error)) return changed(name, cause);
      return new AppError('unreadable_dictionary', `${called(name)} may not be read.`, { cause });
    }
  }
  return undefined;
}
