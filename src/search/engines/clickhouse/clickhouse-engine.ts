// The search engine over a ClickHouse cluster, which `npm run load` fills. The cluster finds
// candidates, and grep decides which of them match.
import { AppError } from '../../../errors.js';
import type { Tracer } from '../../../tracing/tracer.js';
import { DefaultDictionary, type DefaultOptions, noDictionaryError } from '../../corpus/default-dictionary.js';
import { compareBytes, DictionaryRoot } from '../../corpus/dictionary-root.js';
import { selectFiles } from '../../corpus/file-filter.js';
import { LARGE_BYTES } from '../../corpus/large-text.js';
import { Pace } from '../../corpus/pace.js';
import { quoteName } from '../../corpus/quote-name.js';
import type {
  AllQuery,
  Answer,
  DictionaryList,
  EntryIn,
  Format,
  ListedFile,
  ListQuery,
  Match,
  SearchEngine,
  SearchQuery,
  Term,
} from '../../engine.js';
import { inFormat } from '../../entries/typed-answer.js';
import type { Grep } from '../../grep/run-grep.js';
import type { FolderLister } from '../../ls/folder-lister.js';
import { createSearchCounts, type SearchCounts } from '../../search-counts.js';
import { CountCache } from '../count-cache.js';
import { EngineCalls } from '../engine-calls.js';
import { matchTexts } from '../match-texts.js';
import { openPrograms } from '../open-programs.js';
import { Cluster } from './client/cluster.js';
import { LineReader } from './query/line-reader.js';
import { joinVersions, readSeveral } from './query/several-texts.js';
import { TextSearch } from './query/text-search.js';
import { WordCounts } from './query/word-counts.js';
import { Catalog } from './storage/catalog.js';
import {
  assertNoProblem,
  bytesOf,
  type LoadedDictionary,
  type NamedText,
  type SelectedText,
  selectTexts,
  toDictionary,
  versionOf,
} from './storage/manifest.js';

export interface ClickHouseOptions extends DefaultOptions {
  /** The HTTP interfaces of the cluster's nodes. */
  urls: readonly string[];
  /** The folder for `list`. */
  dictionariesDir: string;
  /** The maximum length of a line or a quote, in UTF-16 code units. */
  lineLength: number;
  /** The memory limit of a query per node, and of a grep with an expensive pattern. */
  searchMemoryBytes: number;
  searchTimeoutMs: number;
  counts?: SearchCounts;
  tracer?: Tracer | undefined;
}

/**
 * Opens the engine, even if the cluster is unavailable. Throws if the folder isn't readable, or GNU
 * grep or the ls of coreutils is missing.
 */
export async function openClickHouse(options: ClickHouseOptions): Promise<ClickHouseEngine> {
  const counts = options.counts ?? createSearchCounts();
  const root = await DictionaryRoot.open(options.dictionariesDir);
  const programs = await openPrograms({ root, memoryBytes: options.searchMemoryBytes, counts, tracer: options.tracer });
  const cluster = new Cluster({
    urls: options.urls,
    timeoutMs: options.searchTimeoutMs,
    memoryBytes: options.searchMemoryBytes,
    counts: counts.queries,
    tracer: options.tracer,
  });
  return new ClickHouseEngine({ cluster, ...programs }, options);
}

interface Dependencies {
  cluster: Cluster;
  lister: FolderLister;
  grep: Grep;
}

export class ClickHouseEngine implements SearchEngine {
  readonly lineLength: number;
  readonly #cluster: Cluster;
  readonly #catalog: Catalog;
  readonly #textSearch: TextSearch;
  readonly #wordCounts: WordCounts;
  readonly #wordCountCache = new CountCache();
  readonly #lister: FolderLister;
  readonly #grep: Grep;
  readonly #options: ClickHouseOptions;
  readonly #calls = new EngineCalls();
  readonly #default: DefaultDictionary;

  constructor({ cluster, lister, grep }: Dependencies, options: ClickHouseOptions) {
    this.#cluster = cluster;
    this.#catalog = new Catalog(cluster);
    this.#textSearch = new TextSearch({ ...options, reader: new LineReader(cluster), grep });
    this.#wordCounts = new WordCounts(cluster);
    this.#lister = lister;
    this.#grep = grep;
    this.#options = options;
    this.lineLength = options.lineLength;
    this.#default = new DefaultDictionary(options);
  }

  search<Some extends Format>(query: SearchQuery & { format: Some }, signal: AbortSignal): Answer<EntryIn<Some>> {
    const answer = this.#answer(query, (part, text) => this.#textSearch.search(part, text, signal), signal);
    return inFormat(query, answer);
  }

  all<Some extends Format>(query: AllQuery & { format: Some }, signal: AbortSignal): Answer<EntryIn<Some>> {
    const answer = this.#answer(query, (part, text) => this.#textSearch.all(part, text, signal), signal);
    return inFormat(query, answer);
  }

  async *#answer<Query extends AllQuery>(
    query: Query,
    read: (query: Query, text: SelectedText) => Answer,
    signal: AbortSignal,
  ): Answer {
    this.#calls.begin();
    try {
      signal.throwIfAborted();
      const startedMs = performance.now();
      const texts: SelectedText[] = [];
      for (const text of await this.#find(query.dictionary, signal)) {
        const selected = await selectFiles(text.files, query.files, text.name, new Pace(signal));
        assertNoProblem({ files: selected });
        texts.push({ ...text, selected });
      }
      const [only] = texts;
      const summary = yield* texts.length === 1 && only !== undefined
        ? read(query, only)
        : readSeveral(query, texts, read);
      for (const { generation } of texts) await this.#catalog.assertNotRemoved(generation, startedMs, signal);
      return summary;
    } finally {
      this.#calls.end();
    }
  }

  list(query: ListQuery, signal: AbortSignal): Answer<string> {
    return this.#calls.answer(() => this.#lister.list(query, signal));
  }

  async matchTexts(term: Term, texts: readonly string[], signal: AbortSignal): Promise<(Match[] | undefined)[]> {
    signal.throwIfAborted();
    return this.#calls.run(() => matchTexts({ ...this.#options, grep: this.#grep }, term, texts, signal));
  }

  async files(name: string | undefined, signal: AbortSignal): Promise<ListedFile[]> {
    const texts = await this.#calls.run(() => this.#find(name, signal));
    return texts.flatMap(({ files }) => files.map(({ path, bytes }) => ({ file: path, bytes })));
  }

  /** Its counts would have to come from grep, which decides what matches. */
  async entryCounts(): Promise<undefined> {
    this.#calls.assertOpen();
  }

  async lineCounts(name: string | undefined, signal: AbortSignal): Promise<ReadonlyMap<string, number>> {
    signal.throwIfAborted();
    const texts = await this.#calls.run(() => this.#find(name, signal));
    for (const text of texts) assertNoProblem(text);
    return new Map(texts.flatMap(({ files }) => files.map(({ path, lines }) => [path, lines] as const)));
  }

  async wordCounts(name: string | undefined, signal: AbortSignal): Promise<ReadonlyMap<string, number>> {
    signal.throwIfAborted();
    return this.#calls.run(async () => {
      const counts = new Map<string, number>();
      for (const text of await this.#find(name, signal)) {
        for (const [path, words] of await this.#wordsOf(text, signal)) counts.set(path, words);
      }
      return counts;
    });
  }

  async #wordsOf(text: NamedText, signal: AbortSignal): Promise<ReadonlyMap<string, number>> {
    assertNoProblem(text);
    const version = versionOf(text);
    const cached = this.#wordCountCache.get(text.name, version);
    if (cached !== undefined) return cached;
    const counts = await this.#wordCounts.count(text, signal);
    this.#wordCountCache.set(text.name, version, counts);
    return counts;
  }

  async version(name: string | undefined): Promise<string | undefined> {
    const texts = await this.#calls.run(() => this.#find(name));
    return joinVersions(texts.map(versionOf));
  }

  async listedName(dictionary: string): Promise<string> {
    const [text] = await this.#calls.run(() => this.#find(dictionary));
    const [top = dictionary] = text?.files[0]?.path.split('/', 1) ?? [];
    return top;
  }

  isLarge(name: string | undefined): boolean {
    try {
      const texts = selectTexts(this.#catalog.cached, name ?? this.#default.name ?? '');
      return bytesOf(texts.flatMap(({ files }) => files)) > LARGE_BYTES;
    } catch {
      // A search of an unknown dictionary fails immediately.
      return false;
    }
  }

  async dictionaries(signal: AbortSignal): Promise<DictionaryList> {
    const catalog = await this.#calls.run(() => this.#catalog.read(signal));
    const dictionaries = [...catalog.values()].map(toDictionary).filter((dictionary) => dictionary !== undefined);
    const defaultName = await this.#resolveDefault(catalog);
    return {
      ...(defaultName !== undefined && { default: defaultName }),
      dictionaries: dictionaries.sort((a, b) => compareBytes(a.name, b.name)),
    };
  }

  async check(): Promise<void> {
    const catalog = await this.#calls.run(() => this.#catalog.read());
    await this.#resolveDefault(catalog);
    const { defaultDictionary: name } = this.#options;
    if (name === undefined) return;
    try {
      selectTexts(catalog, name);
    } catch (error) {
      const message = `DEFAULT_DICTIONARY is ${quoteName(name)}, which the cluster does not have.`;
      throw new AppError('engine_unavailable', message, { cause: error });
    }
  }

  async close(): Promise<void> {
    await this.#calls.close();
    await this.#cluster.close();
  }

  /** Returns the selected texts in byte order of their paths. */
  async #find(selector: string | undefined, signal?: AbortSignal): Promise<NamedText[]> {
    const catalog = await this.#catalog.read(signal);
    const resolved = selector ?? (await this.#resolveDefault(catalog));
    if (resolved === undefined) throw noDictionaryError();
    const texts = selectTexts(catalog, resolved);
    // A dictionary is unreadable if any of its files is.
    for (const text of texts) assertNoProblem(text, 'unreadable_dictionary');
    return texts;
  }

  /** Chooses the default dictionary unless one has been chosen. */
  #resolveDefault(catalog: ReadonlyMap<string, LoadedDictionary>): Promise<string | undefined> {
    const isReadable = (loaded: LoadedDictionary | undefined) =>
      loaded !== undefined && toDictionary(loaded) !== undefined;
    return this.#default.resolve({
      has: async (name) => isReadable(catalog.get(name)),
      first: async () => [...catalog.keys()].filter((name) => isReadable(catalog.get(name))).sort(compareBytes)[0],
    });
  }
}
