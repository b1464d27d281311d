// What is to be loaded: the files of a dictionary as they are in the folder of dictionaries, and what can not be loaded of them.
import { createHash } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { AppError } from '../../../../errors.js';
import type { Dictionaries } from '../../../corpus/dictionaries.js';
import type { DictionaryFile } from '../../../corpus/dictionary-file.js';
import { compareBytes, type DictionaryRoot, isPart } from '../../../corpus/dictionary-root.js';
import type { Problem } from '../storage/manifest.js';

export interface Source {
  /** That of the dictionary: of what lies directly in the folder. */
  name: string;
  files: SourceFile[];
  /** The paths of folders in it. */
  folders: string[];
  bytes: number;
  modifiedMs: number;
  /** Another one whenever a file was changed, or is loaded in another way. */
  version: string;
}

export interface SourceFile {
  path: string;
  /** Nothing where it may not be read. */
  file?: DictionaryFile;
  problem?: Problem;
}

/** Another number when the same file would be loaded as other lines. */
const WAY_OF_LOADING = 2;

/** All dictionaries in the folder, in byte order of their names. */
export async function findSources(dictionaries: Dictionaries): Promise<Source[]> {
  const sources: Source[] = [];
  for (const name of await dictionaries.root.names()) {
    const source = await findSource(dictionaries, name);
    if (source !== undefined) sources.push(source);
  }
  return sources;
}

/** Nothing where there is no such dictionary. */
export async function findSource(dictionaries: Dictionaries, name: string): Promise<Source | undefined> {
  const files = await filesOf(dictionaries, name);
  if (files === undefined) return undefined;
  // By its name without .gz, too.
  const [only] = files;
  const own = files.length === 1 && only !== undefined && !only.path.includes('/') ? only.path : name;
  const { root } = dictionaries;
  const path = root.resolve(own);
  const stats = root.lstat(path);
  const isWhole = files.every(({ problem }) => problem === undefined);
  const versions = files.map(({ path, file }) => `${path} ${file?.bytes} ${file?.modifiedMs}`);
  return {
    name: own,
    files,
    // Of one that may not be read as a whole only what could be read is known.
    folders: stats.isDirectory() && isWhole ? await foldersIn(root, path, own) : [],
    bytes: files.reduce((sum, { file }) => sum + (file?.bytes ?? 0), 0),
    modifiedMs: Math.max(Number(stats.mtimeMs), ...files.map(({ file }) => file?.modifiedMs ?? 0)),
    version: createHash('sha256')
      .update([WAY_OF_LOADING, ...versions].join('\0'))
      .digest('hex'),
  };
}

/** @param path a path free of links */
async function foldersIn(root: DictionaryRoot, path: string, name: string): Promise<string[]> {
  const children = (await childrenOf(root, path)).filter((child) => child.isDirectory() && isPart(child.name));
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
    // What in the folder may be read can be searched by its own name.
    const { root } = dictionaries;
    const children = (await childrenOf(root, name)).map((child) => child.name);
    const parts = await Promise.all(
      children.filter(isPart).map((child) => filesOf(dictionaries, `${name}/${child}`).catch(() => undefined)),
    );
    const readable = parts.flatMap((files) => files ?? []);
    const hasProblem = readable.some(({ problem }) => problem !== undefined);
    if (readable.some(({ file }) => file !== undefined) && hasProblem) {
      return readable.sort((a, b) => compareBytes(a.path, b.path));
    }
    const { code, message } = error;
    return [{ path: name, problem: { code, message } }];
  }
}
