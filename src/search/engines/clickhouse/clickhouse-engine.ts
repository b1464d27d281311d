// The search engine over a ClickHouse cluster: it finds candidates, grep decides. What it searches was loaded by `npm run load`.
import { AppError } from '../../../errors.js';
import { DefaultDictionary, type DefaultOptions, noDictionaryError } from '../../corpus/default-dictionary.js';
import { compareBytes, DictionaryRoot } from '../../corpus/dictionary-root.js';
import { LARGE_BYTES } from '../../corpus/large-text.js';
import { quoteName } from '../../corpus/quote-name.js';
import type {
  AllQuery,
  Answer,
  DictionaryList,
  ListedFile,
  ListQuery,
  SearchEngine,
  SearchQuery,
} from '../../engine.js';
import type { Grep } from '../../grep/run-grep.js';
import type { FolderLister } from '../../ls/folder-lister.js';
import { createSearchCounts, type SearchCounts } from '../../search-counts.js';
import { EngineCalls } from '../engine-calls.js';
import { openPrograms } from '../open-programs.js';
import { Cluster } from './client/cluster.js';
import { LineReader } from './query/line-reader.js';
import { TextSearch } from './query/text-search.js';
import { Catalog } from './storage/catalog.js';
import { bytesOf, checkText, describe, findText, type Loaded, type LoadedText, versionOf } from './storage/manifest.js';

export interface ClickHouseOptions extends DefaultOptions {
  /** Of the HTTP interfaces of the cluster's nodes. */
  urls: readonly string[];
  /** The folder that is listed. */
  dictionariesDir: string;
  /** The longest line or quote that is given, in UTF-16 code units. */
  lineLength: number;
  /** The most memory of a query on a node of the cluster, and of one grep that could grow. */
  searchMemoryBytes: number;
  searchTimeoutMs: number;
  counts?: SearchCounts;
}

/** Throws when the folder can't be read, or there is no GNU grep or no ls of coreutils. The cluster need not be there yet. */
export async function openClickHouse(options: ClickHouseOptions): Promise<ClickHouseEngine> {
  const counts = options.counts ?? createSearchCounts();
  const root = await DictionaryRoot.open(options.dictionariesDir);
  const programs = await openPrograms({ root, memoryBytes: options.searchMemoryBytes, counts });
  const cluster = new Cluster({
    urls: options.urls,
    timeoutMs: options.searchTimeoutMs,
    memoryBytes: options.searchMemoryBytes,
    counts: counts.queries,
  });
  return new ClickHouseEngine({ cluster, ...programs }, options);
}

interface Parts {
  cluster: Cluster;
  lister: FolderLister;
  grep: Grep;
}

export class ClickHouseEngine implements SearchEngine {
  readonly #cluster: Cluster;
  readonly #catalog: Catalog;
  readonly #textSearch: TextSearch;
  readonly #lister: FolderLister;
  readonly #options: ClickHouseOptions;
  readonly #calls = new EngineCalls();
  readonly #default: DefaultDictionary;

  constructor({ cluster, lister, grep }: Parts, options: ClickHouseOptions) {
    this.#cluster = cluster;
    this.#catalog = new Catalog(cluster);
    this.#textSearch = new TextSearch({ ...options, reader: new LineReader(cluster), grep });
    this.#lister = lister;
    this.#options = options;
    this.#default = new DefaultDictionary(options);
  }

  search(query: SearchQuery, signal: AbortSignal): Answer {
    return this.#answer(query.dictionary, (text) => this.#textSearch.search(query, text, signal), signal);
  }

  all(query: AllQuery, signal: AbortSignal): Answer {
    return this.#answer(query.dictionary, (text) => this.#textSearch.all(query, text, signal), signal);
  }

  async *#answer(name: string | undefined, read: (text: LoadedText) => Answer, signal: AbortSignal): Answer {
    this.#calls.begin();
    try {
      signal.throwIfAborted();
      const begun = performance.now();
      const text = await this.#find(name, signal);
      checkText(text);
      const summary = yield* read(text);
      await this.#catalog.checkThere(text.generation, begun, signal);
      return summary;
    } finally {
      this.#calls.end();
    }
  }

  list(query: ListQuery, signal: AbortSignal): Answer {
    return this.#calls.answer(() => this.#lister.list(query, signal));
  }

  async files(name: string | undefined, signal: AbortSignal): Promise<ListedFile[]> {
    const text = await this.#calls.run(() => this.#find(name, signal));
    checkText(text, 'unreadable_dictionary');
    return text.files.map(({ path, bytes }) => ({ file: path, bytes }));
  }

  async lineCounts(name: string | undefined, signal: AbortSignal): Promise<ReadonlyMap<string, number>> {
    signal.throwIfAborted();
    const text = await this.#calls.run(() => this.#find(name, signal));
    checkText(text);
    return new Map(text.files.map(({ path, lines }) => [path, lines]));
  }

  async version(name: string | undefined): Promise<string | undefined> {
    return versionOf(await this.#calls.run(() => this.#find(name)));
  }

  isLarge(name: string | undefined): boolean {
    try {
      return bytesOf(findText(this.#catalog.known, name ?? this.#default.name ?? '').files) > LARGE_BYTES;
    } catch {
      // Who searches it is told that it is not there.
      return false;
    }
  }

  async dictionaries(signal: AbortSignal): Promise<DictionaryList> {
    const known = await this.#calls.run(() => this.#catalog.read(signal));
    const all = [...known.values()].map(describe).filter((dictionary) => dictionary !== undefined);
    const defaultName = await this.#resolveDefault(known);
    return {
      ...(defaultName !== undefined && { default: defaultName }),
      dictionaries: all.sort((a, b) => compareBytes(a.name, b.name)),
    };
  }

  async check(): Promise<void> {
    const known = await this.#calls.run(() => this.#catalog.read());
    await this.#resolveDefault(known);
    const { defaultDictionary: name } = this.#options;
    if (name === undefined) return;
    try {
      findText(known, name);
    } catch (error) {
      const message = `DEFAULT_DICTIONARY is ${quoteName(name)}, which the cluster does not have.`;
      throw new AppError('engine_unavailable', message, { cause: error });
    }
  }

  async close(): Promise<void> {
    await this.#calls.close();
    await this.#cluster.close();
  }

  async #find(name: string | undefined, signal?: AbortSignal): Promise<LoadedText> {
    const known = await this.#catalog.read(signal);
    const called = name ?? (await this.#resolveDefault(known));
    if (called === undefined) throw noDictionaryError();
    return findText(known, called);
  }

  /** Chooses the default dictionary if it isn't known yet. */
  #resolveDefault(known: ReadonlyMap<string, Loaded>): Promise<string | undefined> {
    const isThere = (loaded: Loaded | undefined) => loaded !== undefined && describe(loaded) !== undefined;
    return this.#default.resolve({
      has: async (name) => isThere(known.get(name)),
      first: async () => [...known.keys()].filter((name) => isThere(known.get(name))).sort(compareBytes)[0],
    });
  }
}
