// Finds the files of the dictionaries to load, and the problems that keep files from being loaded.
import { createHash } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { AppError } from '../../../../errors.js';
import type { Dictionaries } from '../../../corpus/dictionaries.js';
import type { DictionaryFile } from '../../../corpus/dictionary-file.js';
import { compareBytes, type DictionaryRoot, isPathComponent } from '../../../corpus/dictionary-root.js';
import type { Problem } from '../storage/manifest.js';

export interface Source {
  /** The name of the dictionary: an entry of the folder of dictionaries. */
  name: string;
  files: SourceFile[];
  /** The paths of the folders in it. */
  folders: string[];
  bytes: number;
  modifiedMs: number;
  /** A fingerprint of the files and of `FORMAT_VERSION`. */
  version: string;
}

export interface SourceFile {
  path: string;
  /** `undefined` if the file isn't readable. */
  file?: DictionaryFile;
  problem?: Problem;
}

/** Increase it if the loader begins to derive other lines from the same file. */
const FORMAT_VERSION = 2;

/** Returns all dictionaries in the folder, in byte order of their names. */
export async function findSources(dictionaries: Dictionaries): Promise<Source[]> {
  const sources: Source[] = [];
  for (const name of await dictionaries.root.names()) {
    const source = await findSource(dictionaries, name);
    if (source !== undefined) sources.push(source);
  }
  return sources;
}

/** Returns `undefined` if there is no such dictionary. */
export async function findSource(dictionaries: Dictionaries, name: string): Promise<Source | undefined> {
  const files = await filesOf(dictionaries, name);
  if (files === undefined) return undefined;
  // A compressed file may be named without its suffix.
  const [only] = files;
  const ownName = files.length === 1 && only !== undefined && !only.path.includes('/') ? only.path : name;
  const { root } = dictionaries;
  const path = root.resolve(ownName);
  const stats = root.lstat(path);
  const isComplete = files.every(({ problem }) => problem === undefined);
  const versions = files.map(({ path, file }) => `${path} ${file?.bytes} ${file?.modifiedMs}`);
  return {
    name: ownName,
    files,
    // Listing folders is reliable only if all of them are readable.
    folders: stats.isDirectory() && isComplete ? await foldersIn(root, path, ownName) : [],
    bytes: files.reduce((sum, { file }) => sum + (file?.bytes ?? 0), 0),
    modifiedMs: Math.max(Number(stats.mtimeMs), ...files.map(({ file }) => file?.modifiedMs ?? 0)),
    version: createHash('sha256')
      .update([FORMAT_VERSION, ...versions].join('\0'))
      .digest('hex'),
  };
}

/** @param path a path without symbolic links */
async function foldersIn(root: DictionaryRoot, path: string, name: string): Promise<string[]> {
  const children = (await childrenOf(root, path)).filter((child) => child.isDirectory() && isPathComponent(child.name));
  const own = children.map((child) => `${name}/${child.name}`);
  const inner = children.map((child) => foldersIn(root, `${path}/${child.name}`, `${name}/${child.name}`));
  return [...own, ...(await Promise.all(inner)).flat()];
}

/** Returns an empty array if the path isn't a readable folder. */
async function childrenOf(root: DictionaryRoot, path: string): Promise<Dirent[]> {
  try {
    const folder = root.openFolder(path);
    return await readdir(folder.path, { withFileTypes: true }).finally(() => folder.close());
  } catch {
    return [];
  }
}

async function filesOf(dictionaries: Dictionaries, name: string): Promise<SourceFile[] | undefined> {
  try {
    return (await dictionaries.files(name)).map((file) => ({ path: file.path, file }));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (error.code === 'unknown_dictionary') return undefined;
    if (error.code !== 'unreadable_dictionary') throw error;
    // The readable files of such a folder can still be searched by their own names.
    const { root } = dictionaries;
    const children = (await childrenOf(root, name)).map((child) => child.name);
    const filesByChild = await Promise.all(
      children.filter(isPathComponent).map((child) => filesOf(dictionaries, `${name}/${child}`).catch(() => undefined)),
    );
    const found = filesByChild.flatMap((files) => files ?? []);
    const hasProblem = found.some(({ problem }) => problem !== undefined);
    if (found.some(({ file }) => file !== undefined) && hasProblem) {
      return found.sort((a, b) => compareBytes(a.path, b.path));
    }
    const { code, message } = error;
    return [{ path: name, problem: { code, message } }];
  }
}
