// Finds the folder to list, and the names in a folder that a listing leaves out.
import type { Dirent } from 'node:fs';
import { opendir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TimeSlice } from '../../concurrency/time-slice.js';
import { AppError } from '../../errors.js';
import {
  type DictionaryRoot,
  ForbiddenError,
  isDictionaryName,
  NotFoundError,
  type OpenFolder,
  SOURCES,
  throwFsError,
  undefinedIfInaccessible,
} from '../corpus/dictionary-root.js';
import { quoteName } from '../corpus/quote-name.js';
import type { ListQuery } from '../engine.js';
import { ExcludedNamesCache } from './excluded-names-cache.js';

/**
 * Returns the path of a folder, relative to the root and free of symbolic links. An empty name
 * means the root. Throws `unknown_folder`, `unreadable_folder`, `not_a_folder` or
 * `no_dictionaries`.
 */
export async function findFolder(
  root: DictionaryRoot,
  { folder: name, isVisible }: Pick<ListQuery, 'folder' | 'isVisible'>,
): Promise<string> {
  const quotedName = quoteName(name);
  try {
    if (name === '') {
      await root.names();
      return '';
    }
    if (!isDictionaryName(name)) throw new NotFoundError();
    const [top = name] = name.split('/', 1);
    if (isVisible?.(top) === false) throw new NotFoundError();
    const { path, stats } = root.stat(name);
    if (stats.isDirectory()) return path;
    if (!stats.isFile()) throw new NotFoundError();
    throw new AppError('not_a_folder', `${quotedName} is a file, not a folder.`);
  } catch (error) {
    if (error instanceof ForbiddenError) throw unreadableFolderError(name, error);
    if (!(error instanceof NotFoundError)) throw error;
    throw new AppError('unknown_folder', `There is no folder named ${quotedName}.`, { cause: error });
  }
}

/**
 * Returns the names to omit: SOURCES.md, special files, and links that lead outside. Returns
 * `undefined` if the folder isn't readable, is gone, or its name isn't UTF-8. `path` comes from
 * `findFolder`, or is below such a path.
 */
export async function excludedNamesIn(
  root: DictionaryRoot,
  path: string,
  signal: AbortSignal,
  cache = new ExcludedNamesCache(),
): Promise<ReadonlySet<string> | undefined> {
  const excluded = new Set<string>();
  const slice = new TimeSlice();
  const startedMs = Date.now();
  let hasLinks = false;
  let folder: OpenFolder | undefined;
  try {
    root.assertTraversable(dirname(path));
    folder = root.openFolder(path);
    const reading = { path, stats: folder.stats, startedMs };
    const cached = cache.get(reading);
    if (cached !== undefined) return cached;
    for await (const child of await opendir(folder.path, { bufferSize: 1024 }).catch(throwFsError)) {
      signal.throwIfAborted();
      if (slice.isExpired) await slice.yieldToEventLoop();
      hasLinks ||= child.isSymbolicLink();
      const isShown = child.isSymbolicLink() ? leadsInside(root, join(path, child.name)) : isListable(child);
      if (!isShown) excluded.add(child.name);
    }
    if (!hasLinks) cache.set(reading, folder, excluded);
    return excluded;
  } catch (error) {
    return undefinedIfInaccessible(error);
  } finally {
    folder?.close();
  }
}

function isListable(child: Dirent): boolean {
  return child.name !== SOURCES && (child.isFile() || child.isDirectory());
}

function leadsInside(root: DictionaryRoot, path: string): boolean {
  try {
    const { stats } = root.stat(path);
    return stats.isFile() || stats.isDirectory();
  } catch (error) {
    return undefinedIfInaccessible(error) ?? false;
  }
}

export function unreadableFolderError(name: string, cause: unknown): AppError {
  return new AppError('unreadable_folder', `The folder ${quoteName(name)} is not readable.`, { cause });
}
