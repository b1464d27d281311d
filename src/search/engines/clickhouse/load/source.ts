// Finds the files of the dictionaries to load, and the problems that keep files from being loaded.
import { createHash } from 'node:crypto';
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
const FORMAT_VERSION = 3;

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
  const found = await findFiles(dictionaries, name);
  if (found === undefined) return undefined;
  const { files, folders } = found;
  // A compressed file may be named without its suffix.
  const [only] = files;
  const ownName = files.length === 1 && only !== undefined && !only.path.includes('/') ? only.path : name;
  const { root } = dictionaries;
  const stats = root.lstat(root.resolve(ownName));
  const versions = files.map(({ path, file }) => `${path} ${file?.bytes} ${file?.modifiedMs}`);
  return {
    name: ownName,
    files,
    folders,
    bytes: files.reduce((sum, { file }) => sum + (file?.bytes ?? 0), 0),
    modifiedMs: Math.max(Number(stats.mtimeMs), ...files.map(({ file }) => file?.modifiedMs ?? 0)),
    version: createHash('sha256')
      .update([FORMAT_VERSION, ...versions].join('\0'))
      .digest('hex'),
  };
}

/** Returns names, or an empty array if the path isn't a readable folder. */
async function childrenOf(root: DictionaryRoot, path: string): Promise<string[]> {
  try {
    const folder = root.openFolder(path);
    return await readdir(folder.path).finally(() => folder.close());
  } catch {
    return [];
  }
}

/** Finds the folders only if all of them are readable. */
async function findFiles(
  dictionaries: Dictionaries,
  name: string,
): Promise<Pick<Source, 'files' | 'folders'> | undefined> {
  try {
    const { files, snapshot } = await dictionaries.find(name);
    return { files: files.map((file) => ({ path: file.path, file })), folders: snapshot?.subfolders ?? [] };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (error.code === 'unknown_dictionary') return undefined;
    if (error.code !== 'unreadable_dictionary') throw error;
    // The readable files of such a folder can still be searched by their own names.
    const { root } = dictionaries;
    const children = await childrenOf(root, name);
    const foundByChild = await Promise.all(
      children
        .filter(isPathComponent)
        .map((child) => findFiles(dictionaries, `${name}/${child}`).catch(() => undefined)),
    );
    const found = foundByChild.flatMap((child) => child?.files ?? []);
    const hasProblem = found.some(({ problem }) => problem !== undefined);
    if (found.some(({ file }) => file !== undefined) && hasProblem) {
      return { files: found.sort((a, b) => compareBytes(a.path, b.path)), folders: [] };
    }
    const { code, message } = error;
    return { files: [{ path: name, problem: { code, message } }], folders: [] };
  }
}
