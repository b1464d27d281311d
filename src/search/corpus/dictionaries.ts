// Finds the dictionaries and their files.
import { accessSync, type BigIntStats, constants, lstatSync } from 'node:fs';
import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import { KeyedTrailingCall } from '../../concurrency/keyed-trailing-call.js';
import { globsOfAll, namesIn, selectsSeveral } from '../dictionary-selector.js';
import type { Dictionary, DictionaryList } from '../engine.js';
import {
  type Candidates,
  DefaultDictionary,
  noDictionaryError,
  unknownDictionaryError,
  unreadableDictionaryError,
} from './default-dictionary.js';
import { computeFingerprint, type DictionaryFile, isSame, toDictionaryFile } from './dictionary-file.js';
import {
  DictionaryRoot,
  ForbiddenError,
  isDictionaryName,
  isReadable,
  isTooBusy,
  isTopLevelName,
  mapFsErrors,
  NotFoundError,
  type ResolvedPath,
} from './dictionary-root.js';
import { distinctDictionaries } from './distinct-dictionaries.js';
import { namesWithSuffix } from './encodings.js';
import { type CatalogCounts, createCatalogCounts, FolderCatalog } from './folder-catalog.js';
import type { FolderSnapshot } from './folder-snapshot.js';
import { createNameFilter } from './name-filter.js';
import { Pace } from './pace.js';

const STAT_OPTIONS = { bigint: true, throwIfNoEntry: false } as const;
const NO_SIGNAL = new AbortController().signal;
const MAX_TOP_LEVEL_FILES = 1_000;

/** What the files of a dictionary say about it. */
export type DictionaryDescription = Omit<Dictionary, 'index' | 'encoding' | 'warning'>;

export class Dictionaries {
  readonly root: DictionaryRoot;
  /** Caches the result of `topLevelFile`, since most files stay unchanged between requests. */
  readonly #topLevelFiles = new LRUCache<string, { stats: BigIntStats; file: DictionaryFile }>({
    max: MAX_TOP_LEVEL_FILES,
  });
  readonly #default: DefaultDictionary;
  readonly #catalog: FolderCatalog;
  /** All that ask for a folder before its look-up begins share it. */
  readonly #lookUps = new KeyedTrailingCall((name: string, signal) => this.#lookUp(name, signal));
  /** The folders that this process can read. */
  readonly #readable = new WeakSet<FolderSnapshot>();
  /** Kept for as long as the catalog keeps the folder. */
  readonly #descriptions = new WeakMap<FolderSnapshot, DictionaryDescription>();

  private constructor(root: DictionaryRoot, defaultDictionary: DefaultDictionary, counts: CatalogCounts) {
    this.root = root;
    this.#default = defaultDictionary;
    this.#catalog = new FolderCatalog(root, counts);
  }

  static async open(
    folder: string,
    defaultDictionary = new DefaultDictionary({ defaultDictionary: undefined }),
    counts = createCatalogCounts(),
  ): Promise<Dictionaries> {
    return new Dictionaries(await DictionaryRoot.open(folder), defaultDictionary, counts);
  }

  /** Returns `undefined` if the default dictionary hasn't been chosen yet. */
  get defaultName(): string | undefined {
    return this.#default.name;
  }

  /** Returns the name of the default dictionary, and chooses it first if necessary. */
  resolveDefault(signal = NO_SIGNAL): Promise<string | undefined> {
    const candidates: Candidates = {
      has: async (name) => (await this.#describe(name, new Pace(signal))) !== undefined,
      first: () => this.#first(new Pace(signal)),
    };
    return this.#default.resolve(candidates);
  }

  /**
   * Finds what a selector selects (default: the default dictionary). Throws `unknown_dictionary`,
   * `unreadable_dictionary`, `no_dictionaries`, or `too_busy`.
   */
  async find(selector?: string, signal?: AbortSignal): Promise<FoundDictionary> {
    const resolved = selector ?? this.defaultName;
    const isOne = resolved === undefined || !selectsSeveral(resolved);
    return isOne ? this.findOne(resolved, signal) : this.#findSeveral(resolved, signal);
  }

  /** Finds a dictionary by its name. Throws like `find`. */
  async findOne(name?: string, signal?: AbortSignal): Promise<FoundDictionary> {
    const resolved = name ?? this.defaultName ?? (await this.resolveDefault(signal));
    if (resolved === undefined) throw noDictionaryError();
    try {
      return await this.#find(resolved, signal);
    } catch (error) {
      if (error instanceof ForbiddenError) throw unreadableDictionaryError(resolved, error);
      if (error instanceof NotFoundError) throw unknownDictionaryError(resolved, error);
      throw error;
    }
  }

  async #findSeveral(selector: string, signal = NO_SIGNAL): Promise<FoundDictionary> {
    const members: FoundMember[] = [];
    const pace = new Pace(signal);
    const globs = globsOfAll(selector);
    const isAll = globs !== undefined;
    const isSelected = createNameFilter(globs ?? []);
    for (const name of isAll ? await this.root.names() : namesIn(selector)) {
      if (pace.isExpired) await pace.yieldToEventLoop();
      if (isAll && !isSelected(name)) continue;
      // Like the list, all dictionaries omit those that can't be read.
      const found = isAll ? await this.#findReadable(name, pace) : await this.findOne(name, signal);
      if (found !== undefined) members.push({ name, ...found });
    }
    if (members.length === 0) throw noDictionaryError();
    const distinct = distinctDictionaries(members);
    return {
      files: distinct.flatMap(({ files }) => files),
      modifiedMs: distinct.reduce((latest, { modifiedMs }) => Math.max(latest, modifiedMs), 0),
      members: distinct,
    };
  }

  /** Returns the files of a selector in byte order of their paths. Throws like `find`. */
  async files(selector?: string, signal?: AbortSignal): Promise<readonly DictionaryFile[]> {
    return (await this.find(selector, signal)).files;
  }

  /** Returns a folder as it was found last, without I/O. It may have changed since. */
  knownFolder(name = this.defaultName): FolderSnapshot | undefined {
    return name === undefined ? undefined : this.#catalog.get(name);
  }

  /**
   * The fast path for a dictionary that is a readable regular file directly in the root, as most
   * are. One synchronous lstat(2) is quicker than libuv's thread pool. Returns `undefined` for all
   * others.
   */
  topLevelFile(name = this.defaultName): DictionaryFile | undefined {
    if (name === undefined || selectsSeveral(name) || !isTopLevelName(name)) return undefined;
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
  async list(
    signal = NO_SIGNAL,
  ): Promise<Omit<DictionaryList, 'dictionaries'> & { dictionaries: DictionaryDescription[] }> {
    const pace = new Pace(signal);
    const dictionaries: DictionaryDescription[] = [];
    for (const name of await this.root.names()) {
      if (pace.isExpired) await pace.yieldToEventLoop();
      const dictionary = await this.#describe(name, pace);
      if (dictionary !== undefined) dictionaries.push(dictionary);
    }
    const defaultName = await this.resolveDefault(signal);
    return { ...(defaultName !== undefined && { default: defaultName }), dictionaries };
  }

  async #first(pace: Pace): Promise<string | undefined> {
    for (const name of await this.root.names()) {
      if (pace.isExpired) await pace.yieldToEventLoop();
      if ((await this.#describe(name, pace)) !== undefined) return name;
    }
    return undefined;
  }

  /** Returns `undefined` if no searchable dictionary has this name. */
  async #describe(name: string, pace: Pace): Promise<DictionaryDescription | undefined> {
    const found = await this.#findReadable(name, pace);
    if (found === undefined) return undefined;
    const { files, modifiedMs, snapshot } = found;
    const known = snapshot && this.#descriptions.get(snapshot);
    if (known !== undefined) return known;
    const description = {
      name,
      files: files.length,
      bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
      modified: new Date(modifiedMs).toISOString(),
      version: computeFingerprint(name, files),
    };
    if (snapshot !== undefined) this.#descriptions.set(snapshot, description);
    return description;
  }

  /** Returns `undefined` if no dictionary has this name, or this process can't read a file of it. */
  async #findReadable(name: string, pace: Pace): Promise<FoundDictionary | undefined> {
    try {
      const found = await this.#find(name, pace.signal);
      const { files, snapshot } = found;
      if (snapshot !== undefined && this.#readable.has(snapshot)) return found;
      for (const { realPath } of files) {
        if (pace.isExpired) await pace.yieldToEventLoop();
        mapFsErrors(() => accessSync(join(this.root.path, realPath), constants.R_OK));
      }
      if (snapshot?.isSettled) this.#readable.add(snapshot);
      return found;
    } catch (error) {
      pace.signal.throwIfAborted();
      // The dictionary may exist, so omitting it, or choosing another default, would be wrong.
      if (isTooBusy(error)) throw error;
      return undefined;
    }
  }

  /** Throws NotFoundError, ForbiddenError, `too_busy` or the signal's reason. */
  async #find(name: string, signal: AbortSignal | undefined): Promise<FoundDictionary> {
    if (!isDictionaryName(name)) throw new NotFoundError();
    const file = this.topLevelFile(name);
    if (file !== undefined) return { files: [file], modifiedMs: file.modifiedMs };
    // All that ask for a folder before its look-up begins share it.
    if (this.#catalog.get(name) !== undefined) return this.#lookUps.run(name, signal);
    const found = this.#stat(name);
    return found.resolved.stats.isFile() ? toFoundFile(found) : this.#lookUps.run(name, signal);
  }

  async #lookUp(name: string, signal: AbortSignal): Promise<FoundDictionary> {
    try {
      const found = this.#stat(name);
      const { path, resolved } = found;
      if (resolved.stats.isDirectory() && path === name) {
        const snapshot = await this.#catalog.find(name, resolved, new Pace(signal));
        return { files: snapshot.files, modifiedMs: snapshot.modifiedMs, snapshot };
      }
      this.#catalog.forget(name);
      if (resolved.stats.isFile()) return toFoundFile(found);
      throw new NotFoundError();
    } catch (error) {
      if (error instanceof NotFoundError || error instanceof ForbiddenError) this.#catalog.forget(name);
      throw error;
    }
  }

  /** Finds `name`, or else the file that it refers to without its suffix. */
  #stat(name: string): FoundPath {
    try {
      return { path: name, resolved: this.root.stat(name) };
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
      const path = namesWithSuffix(name).find((each) => this.root.exists(each));
      if (path === undefined) throw error;
      return { path, resolved: this.root.stat(path) };
    }
  }
}

export interface FoundDictionary {
  /** In byte order of their paths. */
  files: readonly DictionaryFile[];
  /** The latest modification time of its files and its folder. */
  modifiedMs: number;
  /** Set if the dictionary is a folder. */
  snapshot?: FolderSnapshot;
  /** Set if several were selected: those that have files, in byte order of the paths. */
  members?: readonly FoundMember[];
}

/** One of several selected dictionaries. */
export interface FoundMember extends FoundDictionary {
  name: string;
}

/** A file or folder that a name leads to. `path` has the suffix that the name may omit. */
interface FoundPath {
  path: string;
  resolved: ResolvedPath;
}

function toFoundFile({ path, resolved }: FoundPath): FoundDictionary {
  const file = toDictionaryFile(path, resolved.stats, resolved.path);
  return { files: [file], modifiedMs: file.modifiedMs };
}
