// The default dictionary that all workers of one start agree on: the first worker
// chooses. Workers that later replace crashed ones use the same choice.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Candidates, ChooseDefault } from '../search/corpus/default-dictionary.js';
import { createFile } from './atomic-file.js';

export interface SharedChoiceOptions {
  /** The directory that the workers share. Without one, each worker chooses for itself. */
  directory: string | undefined;
  /** Identifies the start or reload that this worker belongs to. */
  startId: string | undefined;
  /** Identifies the start that this one replaces. */
  previousStartId: string | undefined;
  log: Logger;
}

/**
 * Returns a function that resolves to the choice of this start. The first call of all workers makes
 * it: the previous start's choice if that is still a candidate, or else the first candidate.
 */
export function shareChoice({ directory, startId, previousStartId, log }: SharedChoiceOptions): ChooseDefault {
  const pathOf = (id: string | undefined) => directory && id && join(directory, `default-dictionary-${id}`);
  return async (candidates: Candidates): Promise<string | undefined> => {
    const path = pathOf(startId);
    const shared = read(path);
    if (shared !== undefined) return shared;
    const previous = read(pathOf(previousStartId));
    const isAvailable = previous !== undefined && (await candidates.has(previous));
    const own = isAvailable ? previous : await candidates.first();
    if (own === undefined || !path) return own;
    try {
      createFile(path, own);
    } catch (error) {
      log.warn({ err: error }, 'default dictionary not shared between workers');
    }
    return read(path) ?? own;
  };
}

function read(path: string | undefined): string | undefined {
  if (!path) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
