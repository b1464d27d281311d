// A choice that the workers of one start make together: the first to choose decides for all, also for
// those that are started later because another one crashed.
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';

export interface SharedChoiceOptions {
  /** The folder that the workers share. Without one, each chooses for itself. */
  folder: string | undefined;
  /** Identifies the start or reload that this worker belongs to. */
  startId: string | undefined;
  /** The same of the workers that this start replaces. */
  previousStartId: string | undefined;
  log: Logger;
}

interface Candidates {
  has(value: string): Promise<boolean>;
  first(): Promise<string | undefined>;
}

/**
 * Returns what this start has chosen. If it hasn't yet, it chooses what the previous one had, or else the
 * first candidate.
 */
export function shareChoice({ folder, startId, previousStartId, log }: SharedChoiceOptions) {
  const sharedPathOf = (id: string | undefined) => folder && id && join(folder, `default-dictionary-${id}`);
  return async (candidates: Candidates): Promise<string | undefined> => {
    const path = sharedPathOf(startId);
    const chosen = read(path);
    if (chosen !== undefined) return chosen;
    const previous = read(sharedPathOf(previousStartId));
    const isThere = previous !== undefined && (await candidates.has(previous));
    const own = isThere ? previous : await candidates.first();
    if (own === undefined || !path) return own;
    try {
      write(path, own);
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

/** Creates the file with its content in one step, unless it exists. */
function write(path: string, text: string): void {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, text);
  try {
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}
