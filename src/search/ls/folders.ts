// Which folders can be listed, and what in them is not shown.
import { opendir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '../../errors.js';
import { AT_A_TIME, mapSome } from '../map-some.js';
import { Absent, fail, ifNotForUs, isName, type Root, SOURCES, Unreadable } from '../root.js';

/** The path of a folder, relative to the root and free of symbolic links; without a name that of the root itself. */
export async function findFolder(root: Root, name: string): Promise<string> {
  const called = JSON.stringify(name);
  try {
    if (name === '') {
      await root.names();
      return '';
    }
    if (!isName(name)) throw new Absent();
    const real = await root.real(name);
    const found = await root.stat(real);
    if (found.isDirectory()) return real;
    if (!found.isFile()) throw new Absent();
    throw new AppError('not_a_folder', `${called} is a file, not a folder.`);
  } catch (error) {
    if (error instanceof Unreadable) throw unreadableFolder(name, error);
    if (!(error instanceof Absent)) throw error;
    throw new AppError('unknown_folder', `There is no folder named ${called}.`, { cause: error });
  }
}

/**
 * The names in a folder that are not for a listing: links to what is in no dictionary, special files, SOURCES.md. (Hidden files are
 * for one that asks for them.) The path is one that `findFolder` gave, or of a folder below it; nothing where it may not be read, or has
 * gone, or has a name that is not UTF-8 and so can't be told here.
 */
export async function concealedIn(root: Root, path: string, signal: AbortSignal): Promise<Set<string> | undefined> {
  const concealed = new Set<string>();
  let links: string[] = [];
  const follow = async () => {
    const found = await mapSome(links, (name) => root.look(join(path, name)).catch(ifNotForUs));
    for (const [at, it] of found.entries()) {
      if (!it?.isFile() && !it?.isDirectory()) concealed.add(links[at] as string);
    }
    links = [];
  };
  try {
    await root.goInto(dirname(path));
    await root.stat(path);
    for await (const child of await opendir(join(root.path, path), { bufferSize: 1024 }).catch(fail)) {
      signal.throwIfAborted();
      if (child.isSymbolicLink()) links.push(child.name);
      else if (child.name === SOURCES || !(child.isFile() || child.isDirectory())) concealed.add(child.name);
      if (links.length >= AT_A_TIME) await follow();
    }
    await follow();
    return concealed;
  } catch (error) {
    return ifNotForUs(error);
  }
}

export function unreadableFolder(name: string, cause: unknown): AppError {
  return new AppError('unreadable_folder', `The folder ${JSON.stringify(name)} may not be read.`, { cause });
}
