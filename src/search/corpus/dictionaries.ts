// Finds the dictionaries and their files.
import { accessSync, type BigIntStats, constants, lstatSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import { TimeSlice } from '../../concurrency/time-slice.js';
import type { Dictionary, DictionaryList } from '../engine.js';
import { compressedNameOf } from './compressed.js';
import {
  type Candidates,
  DefaultDictionary,
  noDictionaryError,
  unknownDictionaryError,
  unreadableDictionaryError,
} from './default-dictionary.js';
import { computeFingerprint, type DictionaryFile, isSame, toDictionaryFile } from './dictionary-file.js';
import {
  compareBytes,
  DictionaryRoot,
  ForbiddenError,
  isDictionaryName,
  isPathComponent,
  isReadable,
  isTooBusy,
  isTopLevelName,
  mapFsErrors,
  NotFoundError,
  type ResolvedPath,
  throwFsError,
  valueIfNotFound,
} from './dictionary-root.js';

const STAT_OPTIONS = { bigint: true, throwIfNoEntry: false } as const;
const NO_SIGNAL = new AbortController().signal;
const MAX_TOP_LEVEL_FILES = 1_000;

export class Dictionaries {
  readonly root: DictionaryRoot;
  /** Caches the result of `topLevelFile`, since most files stay unchanged between requests. */
  readonly #topLevelFiles = new LRUCache<string, { stats: BigIntStats; file: DictionaryFile }>({
    max: MAX_TOP_LEVEL_FILES,
  });
  readonly #default: DefaultDictionary;

  private constructor(root: DictionaryRoot, defaultDictionary: DefaultDictionary) {
    this.root = root;
    this.#default = defaultDictionary;
  }

  static async open(
    folder: string,
    defaultDictionary = new DefaultDictionary({ defaultDictionary: undefined }),
  ): Promise<Dictionaries> {
    return new Dictionaries(await DictionaryRoot.open(folder), defaultDictionary);
  }

  /** Returns `undefined` if the default dictionary hasn't been chosen yet. */
  get defaultName(): string | undefined {
    return this.#default.name;
  }

  /** Returns the name of the default dictionary, and chooses it first if necessary. */
  resolveDefault(pace = new Pace(NO_SIGNAL)): Promise<string | undefined> {
    const candidates: Candidates = {
      has: async (name) => (await this.#describe(name, pace)) !== undefined,
      first: () => this.#first(pace),
    };
    return this.#default.resolve(candidates);
  }

  /**
   * Returns the files of a dictionary (default: the default dictionary) in byte order of their
   * paths. Throws `unknown_dictionary`, `unreadable_dictionary`, `no_dictionaries`, or `too_busy`.
   */
  async files(name?: string, signal = NO_SIGNAL): Promise<DictionaryFile[]> {
    const pace = new Pace(signal);
    const resolved = name ?? (await this.resolveDefault(pace));
    if (resolved === undefined) throw noDictionaryError();
    try {
      return (await this.#find(resolved, pace)).files;
    } catch (error) {
      if (error instanceof ForbiddenError) throw unreadableDictionaryError(resolved, error);
      if (error instanceof NotFoundError) throw unknownDictionaryError(resolved, error);
      throw error;
    }
  }

  /**
   * The fast path for a dictionary that is a readable regular file directly in the root, as most
   * are. One synchronous lstat(2) is quicker than libuv's thread pool. Returns `undefined` for all
   * others.
   */
  topLevelFile(name = this.defaultName): DictionaryFile | undefined {
    if (name === undefined || !isTopLevelName(name)) return undefined;
    let stats: BigIntStats | undefined;
    try {
      stats = lstatSync(`${this.root.path}/${name}`, STAT_OPTIONS);
    } catch {
      // The slow path reports the error.
    }
    if (stats === undefined || !stats.isFile() || !isReadable(stats)) return undefined;
    const cached = this.#topLevelFiles.get(name);
    if (cached !== undefined && isSame(cached.stats, stats)) return cached.file;
    const file = toDictionaryFile(name, stats);
    this.#topLevelFiles.set(name, { stats, file });
    return file;
  }

  /** Lists the searchable files and folders directly in the root, in byte order of their names. */
  async list(signal = NO_SIGNAL): Promise<DictionaryList> {
    const pace = new Pace(signal);
    const dictionaries: Dictionary[] = [];
    for (const name of await this.root.names()) {
      await pace.checkpoint();
      const dictionary = await this.#describe(name, pace);
      if (dictionary !== undefined) dictionaries.push(dictionary);
    }
    const defaultName = await this.resolveDefault(pace);
    return { ...(defaultName !== undefined && { default: defaultName }), dictionaries };
  }

  async #first(pace: Pace): Promise<string | undefined> {
    for (const name of await this.root.names()) {
      await pace.checkpoint();
      if ((await this.#describe(name, pace)) !== undefined) return name;
    }
    return undefined;
  }

  /** Returns `undefined` if no searchable dictionary has this name. */
  async #describe(name: string, pace: Pace): Promise<Dictionary | undefined> {
    try {
      const { files, modifiedMs } = await this.#find(name, pace);
      for (const { realPath } of files) {
        await pace.checkpoint();
        mapFsErrors(() => accessSync(join(this.root.path, realPath), constants.R_OK));
      }
      return {
        name,
        files: files.length,
        bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
        modified: new Date(modifiedMs).toISOString(),
        version: computeFingerprint(name, files),
      };
    } catch (error) {
      pace.signal.throwIfAborted();
      // The dictionary may exist, so omitting it, or choosing another default, would be wrong.
      if (isTooBusy(error)) throw error;
      return undefined;
    }
  }

  async #find(name: string, pace: Pace): Promise<FoundDictionary> {
    if (!isDictionaryName(name)) throw new NotFoundError();
    const file = this.topLevelFile(name);
    if (file !== undefined) return { files: [file], modifiedMs: file.modifiedMs };
    const { path, resolved } = this.#stat(name);
    if (resolved.stats.isFile()) {
      const file = toDictionaryFile(path, resolved.stats, resolved.path);
      return { files: [file], modifiedMs: file.modifiedMs };
    }
    if (!resolved.stats.isDirectory() || path !== name) throw new NotFoundError();
    const files: DictionaryFile[] = [];
    // Include the folder's own mtime, which changes when a file is added or removed.
    const latestMs = await this.#walk({ path, realPath: resolved.path }, files, pace);
    await pace.checkpoint();
    files.sort((a, b) => compareBytes(a.path, b.path));
    return { files, modifiedMs: files.reduce((latest, { modifiedMs }) => Math.max(latest, modifiedMs), latestMs) };
  }

  /** Finds `name`, or else the compressed file that it refers to. */
  #stat(name: string): { path: string; resolved: ResolvedPath } {
    try {
      return { path: name, resolved: this.root.stat(name) };
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
      const compressedName = compressedNameOf(name);
      return { path: compressedName, resolved: this.root.stat(compressedName) };
    }
  }

  /** Collects the files of a folder. Returns the folder's own modification time. */
  async #walk(folder: Folder, files: DictionaryFile[], pace: Pace): Promise<number> {
    const folders: Folder[] = [];
    const modifiedMs = await this.#readFolder(folder, files, folders, pace);
    for (const child of folders) await this.#walk(child, files, pace).catch((error) => valueIfNotFound(error, 0));
    return modifiedMs;
  }

  async #readFolder(folder: Folder, files: DictionaryFile[], folders: Folder[], pace: Pace): Promise<number> {
    const opened = this.root.openFolder(folder.realPath);
    try {
      // Decoding may have made distinct non-UTF-8 names equal.
      for (const name of new Set(await readdir(opened.path).catch(throwFsError))) {
        await pace.checkpoint();
        if (!isPathComponent(name)) continue;
        const child = { path: `${folder.path}/${name}`, realPath: `${folder.realPath}/${name}` };
        const stats = mapFsErrors(() => lstatSync(`${opened.path}/${name}`, STAT_OPTIONS));
        // Like `grep -r`, follow a link to a folder only if the caller names it, to avoid loops.
        if (stats?.isDirectory()) folders.push(child);
        else if (stats?.isSymbolicLink()) this.#follow(child, files);
        else if (stats?.isFile()) {
          if (!isReadable(stats)) throw new ForbiddenError();
          files.push(toDictionaryFile(child.path, stats, child.realPath));
        }
      }
      return Number(opened.stats.mtimeMs);
    } finally {
      opened.close();
    }
  }

  #follow({ path, realPath }: Folder, files: DictionaryFile[]): void {
    try {
      const resolved = this.root.stat(realPath);
      if (resolved.stats.isFile()) files.push(toDictionaryFile(path, resolved.stats, resolved.path));
    } catch (error) {
      valueIfNotFound(error, undefined);
    }
  }
}

interface FoundDictionary {
  files: DictionaryFile[];
  /** The latest modification time of its files and its folder. */
  modifiedMs: number;
}

interface Folder {
  path: string;
  realPath: string;
}

/** Keeps long loops of short synchronous system calls from blocking the event loop. */
class Pace {
  readonly signal: AbortSignal;
  readonly #slice = new TimeSlice();

  constructor(signal: AbortSignal) {
    this.signal = signal;
  }

  /** Yields if the time slice has expired, then throws the signal's reason if it has aborted. */
  async checkpoint(): Promise<void> {
    if (!this.#slice.isExpired) return;
    await this.#slice.yieldToEventLoop();
    this.signal.throwIfAborted();
  }
}
