// Which folders can be listed, and what in them is not shown.
import type { Dirent } from 'node:fs';
import { opendir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TimeSlice } from '../../concurrency/time-slice.js';
import { AppError } from '../../errors.js';
import {
  type DictionaryRoot,
  ForbiddenError,
  isName,
  NotFoundError,
  type OpenFolder,
  SOURCES,
  throwFsError,
  undefinedIfInaccessible,
} from '../corpus/dictionary-root.js';
import { quoteName } from '../corpus/quote-name.js';

/** The path of a folder, relative to the root and free of symbolic links; without a name that of the root itself. */
export async function findFolder(root: DictionaryRoot, name: string): Promise<string> {
  const called = quoteName(name);
  try {
    if (name === '') {
      await root.names();
      return '';
    }
    if (!isName(name)) throw new NotFoundError();
    const { path, stats } = root.stat(name);
    if (stats.isDirectory()) return path;
    if (!stats.isFile()) throw new NotFoundError();
    throw new AppError('not_a_folder', `${called} is a file, not a folder.`);
  } catch (error) {
    if (error instanceof ForbiddenError) throw unreadableFolder(name, error);
    if (!(error instanceof NotFoundError)) throw error;
    throw new AppError('unknown_folder', `There is no folder named ${called}.`, { cause: error });
  }
}

/**
 * The names in a folder that are not for a listing: links to what is in no dictionary, special files, SOURCES.md. (Hidden files are
 * for one that asks for them.) The path is one that `findFolder` gave, or of a folder below it; nothing where it may not be read, or has
 * gone, or has a name that is not UTF-8 and so can't be told here.
 */
export async function hiddenNamesIn(
  root: DictionaryRoot,
  path: string,
  signal: AbortSignal,
): Promise<Set<string> | undefined> {
  const concealed = new Set<string>();
  const slice = new TimeSlice();
  let folder: OpenFolder | undefined;
  try {
    root.assertTraversable(dirname(path));
    folder = root.openFolder(path);
    for await (const child of await opendir(folder.path, { bufferSize: 1024 }).catch(throwFsError)) {
      signal.throwIfAborted();
      if (slice.isExpired) await slice.yieldToEventLoop();
      const isShown = child.isSymbolicLink() ? leadsInside(root, join(path, child.name)) : isShowable(child);
      if (!isShown) concealed.add(child.name);
    }
    return concealed;
  } catch (error) {
    return undefinedIfInaccessible(error);
  } finally {
    folder?.close();
  }
}

function isShowable(child: Dirent): boolean {
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

export function unreadableFolder(name: string, cause: unknown): AppError {
  return new AppError('unreadable_folder', `The folder ${quoteName(name)} may not be read.`, { cause });
}
