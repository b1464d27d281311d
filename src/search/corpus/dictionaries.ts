// Which dictionaries exist, and which files they are.
import { accessSync, type BigIntStats, constants, lstatSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import { TimeSlice } from '../../concurrency/time-slice.js';
import { AppError } from '../../errors.js';
import type { Dictionary, DictionaryList } from '../engine.js';
import { type Candidates, DefaultDictionary } from './default-dictionary.js';
import { asFile, computeFingerprint, type DictionaryFile, isSame } from './dictionary-file.js';
import {
  compareBytes,
  DictionaryRoot,
  ForbiddenError,
  type Found,
  isName,
  isPart,
  isReadable,
  isTooBusy,
  isTopName,
  mapFsErrors,
  NotFoundError,
  throwFsError,
  valueIfNotFound,
} from './dictionary-root.js';
import { quoteName } from './quote-name.js';

/** `quotes.txt` is also the name of a `quotes.txt.gz`, where there is no file of that name. */
const PACKED = '.gz';

const LOOK = { bigint: true, throwIfNoEntry: false } as const;
const NEVER = new AbortController().signal;
const MAX_TOP_FILES = 1_000;

export class Dictionaries {
  readonly root: DictionaryRoot;
  /** As they were found last: most stay the same. */
  readonly #topFiles = new LRUCache<string, { stats: BigIntStats; file: DictionaryFile }>({ max: MAX_TOP_FILES });
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

  /** The name of the default dictionary, if it is known yet. */
  get defaultName(): string | undefined {
    return this.#default.name;
  }

  /** Chooses the default dictionary if it isn't known yet. */
  resolveDefault(pace = new Pace(NEVER)): Promise<string | undefined> {
    const candidates: Candidates = {
      has: async (name) => (await this.#describe(name, pace)) !== undefined,
      first: () => this.#first(pace),
    };
    return this.#default.resolve(candidates);
  }

  /** The files of a dictionary, in byte order of their path. Without a name: those of the default one. */
  async files(name?: string, signal = NEVER): Promise<DictionaryFile[]> {
    const pace = new Pace(signal);
    const known = name ?? (await this.resolveDefault(pace));
    if (known === undefined) throw new AppError('unknown_dictionary', 'There is no dictionary at all.');
    try {
      return (await this.#find(known, pace)).files;
    } catch (error) {
      if (error instanceof ForbiddenError) {
        throw new AppError('unreadable_dictionary', `The dictionary ${quoteName(known)} may not be read.`, {
          cause: error,
        });
      }
      if (error instanceof NotFoundError) {
        throw new AppError('unknown_dictionary', `There is no dictionary named ${quoteName(known)}.`, { cause: error });
      }
      throw error;
    }
  }

  /**
   * The file of a dictionary that is one, lies directly in the root and is no link: by far the most are. There is nothing to be looked up for it, so that asking
   * the system takes less time than a detour by libuv's threads. Nothing where it is anything else, or may not be read.
   */
  topFile(name = this.defaultName): DictionaryFile | undefined {
    if (name === undefined || !isTopName(name)) return undefined;
    let found: BigIntStats | undefined;
    try {
      found = lstatSync(`${this.root.path}/${name}`, LOOK);
    } catch {
      // Who looks it up again is told why.
    }
    if (found === undefined || !found.isFile() || !isReadable(found)) return undefined;
    const known = this.#topFiles.get(name);
    if (known !== undefined && isSame(known.stats, found)) return known.file;
    const file = asFile(name, found);
    this.#topFiles.set(name, { stats: found, file });
    return file;
  }

  /** What lies directly in the root and can be searched, in byte order of the names. */
  async list(signal = NEVER): Promise<DictionaryList> {
    const pace = new Pace(signal);
    const dictionaries: Dictionary[] = [];
    for (const name of await this.root.names()) {
      await pace.keep();
      const dictionary = await this.#describe(name, pace);
      if (dictionary !== undefined) dictionaries.push(dictionary);
    }
    const defaultName = await this.resolveDefault(pace);
    return { ...(defaultName !== undefined && { default: defaultName }), dictionaries };
  }

  async #first(pace: Pace): Promise<string | undefined> {
    for (const name of await this.root.names()) {
      await pace.keep();
      if ((await this.#describe(name, pace)) !== undefined) return name;
    }
    return undefined;
  }

  /** Returns `undefined` if no searchable dictionary has this name. */
  async #describe(name: string, pace: Pace): Promise<Dictionary | undefined> {
    try {
      const { files, modifiedMs } = await this.#find(name, pace);
      for (const { realPath } of files) {
        await pace.keep();
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
      // It may be there: a list without it, or another default dictionary, would be a wrong answer.
      if (isTooBusy(error)) throw error;
      return undefined;
    }
  }

  async #find(name: string, pace: Pace): Promise<FoundDictionary> {
    if (!isName(name)) throw new NotFoundError();
    const file = this.topFile(name);
    if (file !== undefined) return { files: [file], modifiedMs: file.modifiedMs };
    const { path, found } = this.#look(name);
    if (found.stats.isFile()) {
      const file = asFile(path, found.stats, found.path);
      return { files: [file], modifiedMs: file.modifiedMs };
    }
    if (!found.stats.isDirectory() || path !== name) throw new NotFoundError();
    const files: DictionaryFile[] = [];
    // Include the folder's own mtime, which changes when a file is added or removed.
    const latestMs = await this.#walk({ path, realPath: found.path }, files, pace);
    await pace.keep();
    files.sort((a, b) => compareBytes(a.path, b.path));
    return { files, modifiedMs: files.reduce((latest, { modifiedMs }) => Math.max(latest, modifiedMs), latestMs) };
  }

  #look(name: string): { path: string; found: Found } {
    try {
      return { path: name, found: this.root.stat(name) };
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
      return { path: name + PACKED, found: this.root.stat(name + PACKED) };
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
        await pace.keep();
        if (!isPart(name)) continue;
        const child = { path: `${folder.path}/${name}`, realPath: `${folder.realPath}/${name}` };
        const stats = mapFsErrors(() => lstatSync(`${opened.path}/${name}`, LOOK));
        // Like `grep -r`, follow a link to a folder only if the caller names it, to avoid loops.
        if (stats?.isDirectory()) folders.push(child);
        else if (stats?.isSymbolicLink()) this.#follow(child, files);
        else if (stats?.isFile()) {
          if (!isReadable(stats)) throw new ForbiddenError();
          files.push(asFile(child.path, stats, child.realPath));
        }
      }
      return Number(opened.stats.mtimeMs);
    } finally {
      opened.close();
    }
  }

  #follow({ path, realPath }: Folder, files: DictionaryFile[]): void {
    try {
      const found = this.root.stat(realPath);
      if (found.stats.isFile()) files.push(asFile(path, found.stats, found.path));
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

/** Yields to the event loop in a long loop of system calls too short for libuv's threads. */
class Pace {
  readonly signal: AbortSignal;
  readonly #slice = new TimeSlice();

  constructor(signal: AbortSignal) {
    this.signal = signal;
  }

  /** Yields if the time slice has expired, then throws the signal's reason if it has aborted. */
  async keep(): Promise<void> {
    if (!this.#slice.isExpired) return;
    await this.#slice.yieldToEventLoop();
    this.signal.throwIfAborted();
  }
}
