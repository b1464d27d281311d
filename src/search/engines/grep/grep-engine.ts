// The search engine that runs grep over the files of the dictionaries folder.
import { LRUCache } from 'lru-cache';
import { AppError } from '../../../errors.js';
import type { Tracer } from '../../../tracing/tracer.js';
import type { BatchOutcome, BatchSearcher } from '../../batching/batching-engine.js';
import { estimatedTextBytes } from '../../corpus/decoding.js';
import { DefaultDictionary, type DefaultOptions } from '../../corpus/default-dictionary.js';
import { Dictionaries } from '../../corpus/dictionaries.js';
import { combineVersions, type DictionaryFile } from '../../corpus/dictionary-file.js';
import { isTooBusy } from '../../corpus/dictionary-root.js';
import { createScanBudget, EncodingScans, type FoundFiles } from '../../corpus/encoding-scans.js';
import type { FolderSnapshot } from '../../corpus/folder-snapshot.js';
import { LARGE_BYTES } from '../../corpus/large-text.js';
import { selectsSeveral } from '../../dictionary-selector.js';
import type {
  AllQuery,
  Answer,
  CountQuery,
  Dictionary,
  DictionaryList,
  EntryCounts,
  EntryIn,
  Format,
  ListedFile,
  ListQuery,
  Match,
  SearchEngine,
  SearchQuery,
  Summary,
  Term,
} from '../../engine.js';
import { createSelection } from '../../entries/selection.js';
import { summaryOf } from '../../entries/summary.js';
import { inFormat } from '../../entries/typed-answer.js';
import { assertPattern, type FailureOptions, toGrepAppError } from '../../grep/grep-failure.js';
import { GrepForkServers } from '../../grep/grep-fork-servers.js';
import { EVERY_LINE, type Grep, GrepError, type Pattern, patternOf } from '../../grep/run-grep.js';
import { IndexKeeper } from '../../index/index-keeper.js';
import type { IndexOptions } from '../../index/index-options.js';
import type { FolderLister } from '../../ls/folder-lister.js';
import { createSearchCounts, type SearchCounts } from '../../search-counts.js';
import { EngineCalls } from '../engine-calls.js';
import { matchTexts } from '../match-texts.js';
import { openPrograms, type Programs } from '../open-programs.js';
import { isBatchable, isPlain, isSmall, searchBatch } from './batched-search.js';
import { FolderPlans } from './folder-plan.js';
import { GrepEntries } from './grep-entries.js';
import { IndexedPortions } from './indexed-portions.js';
import { LineCounts } from './line-counts.js';
import type { MatchCounts } from './match-counts.js';
import { OpenDictionaries } from './open-dictionaries.js';
import { OpenDictionary, type OpenDictionaryOptions } from './open-dictionary.js';
import { isPackable, PackedFolders } from './packed-folders.js';
import { PortionGrep, type SpareSlots } from './portion-grep.js';
import type { SearchTask } from './search-task.js';
import { SmallTexts } from './small-texts.js';
import { TraitCache } from './trait-cache.js';
import { StaleFolderError, withholdUntilProven } from './unproven-answer.js';
import { WordCounts } from './word-counts.js';

export interface GrepOptions extends DefaultOptions {
  dictionariesDir: string;
  /** The maximum length of a line or quote, in UTF-16 code units. */
  lineLength: number;
  /** The memory limit of a grep with an expensive pattern or a large text. */
  searchMemoryBytes: number;
  /** The maximum size of the text of a file that needs decoding. */
  maxDecompressedBytes: number;
  counts?: SearchCounts;
  tracer?: Tracer | undefined;
  /** For searches that several greps can share out. */
  spareSlots?: SpareSlots;
  /** As in PortionGrepOptions. */
  minPartBytes?: number | undefined;
  /** Without it, no index is built or used. */
  index?: IndexOptions | undefined;
}

/**
 * Throws if the dictionaries folder doesn't exist, and an OperatorError if GNU grep or the ls of
 * GNU coreutils is missing.
 */
export async function openGrep(options: GrepOptions): Promise<GrepEngine> {
  const { dictionariesDir, searchMemoryBytes: memoryBytes, counts = createSearchCounts(), tracer } = options;
  const dictionaries = await Dictionaries.open(dictionariesDir, new DefaultDictionary(options), counts.catalog);
  // If this fails now, the first request chooses the default dictionary, or reports the error.
  await dictionaries.resolveDefault().catch((error) => {
    if (!(error instanceof AppError)) throw error;
  });
  const programs = await openPrograms({ root: dictionaries.root, memoryBytes, counts, tracer });
  const forkServers = await GrepForkServers.open(programs.grep, memoryBytes);
  return new GrepEngine({ dictionaries, forkServers, ...programs }, { ...options, counts });
}

/** A query for all entries of lines. */
const EVERY_ENTRY = {
  nresults: 0,
  offset: 0,
  unit: 'line',
  order: 'file',
  format: 'object',
  n_before: 0,
  n_after: 0,
} as const;

const NO_SLOTS: SpareSlots = { acquire: () => 0, release: () => {} };

interface OpenOptions {
  /** As in `OpenDictionaryOptions`. */
  fileGlobs?: readonly string[] | undefined;
  /** As in `OpenDictionaryOptions`. */
  mayBeStale: boolean;
  signal: AbortSignal;
}

interface Parts extends Programs {
  dictionaries: Dictionaries;
  forkServers: GrepForkServers;
}

/** Bounds the cache of dictionary sizes, in UTF-16 code units of their names. */
const MAX_NAMES_LENGTH = 1024 * 1024;
/** The approximate overhead of an entry, in the same unit. */
const ENTRY_LENGTH = 100;

export class GrepEngine implements SearchEngine, BatchSearcher {
  readonly combinesTerms = true;
  readonly lineLength: number;
  readonly #dictionaries: Dictionaries;
  readonly #lister: FolderLister;
  readonly #grep: Grep;
  readonly #options: GrepOptions;
  readonly #entries: GrepEntries;
  readonly #lineCounts: LineCounts;
  readonly #wordCounts = new WordCounts();
  readonly #traits = new TraitCache();
  readonly #packedFolders: PackedFolders;
  readonly #plans = new FolderPlans();
  readonly #encodings: EncodingScans;
  /** The approximate sizes of opened texts by name. Links can give a file countless names. */
  readonly #bytes = new LRUCache<string, number>({
    maxSize: MAX_NAMES_LENGTH,
    sizeCalculation: (_, name) => name.length + ENTRY_LENGTH,
  });
  readonly #forkServers: GrepForkServers;
  readonly #keeper: IndexKeeper | undefined;
  readonly #smallTexts: SmallTexts | undefined;
  readonly #indexed: IndexedPortions | undefined;
  readonly #calls = new EngineCalls();

  constructor({ dictionaries, forkServers, lister, grep }: Parts, options: GrepOptions) {
    this.#dictionaries = dictionaries;
    this.#lister = lister;
    this.#grep = grep;
    this.#options = options;
    this.lineLength = options.lineLength;
    this.#forkServers = forkServers;
    const root = dictionaries.root.path;
    const { counts = createSearchCounts() } = options;
    this.#packedFolders = new PackedFolders({ ...options, root, counts: counts.catalog });
    this.#encodings = new EncodingScans({ ...options, root });
    const portionGrep = new PortionGrep({ spareSlots: NO_SLOTS, ...options, grep, forkServers, root });
    if (options.index !== undefined) {
      const parts = { dictionaries, options: options.index, counts: counts.index };
      this.#keeper = new IndexKeeper(parts);
      this.#smallTexts = new SmallTexts(counts.index);
      this.#indexed = new IndexedPortions({
        keeper: this.#keeper,
        smallTexts: this.#smallTexts,
        traits: this.#traits,
        lineLength: options.lineLength,
        maxShare: options.index.maxShare,
        counts: counts.index,
      });
      this.#keeper.start();
    }
    this.#entries = new GrepEntries(portionGrep, { ...options, indexed: this.#indexed });
    this.#lineCounts = new LineCounts(portionGrep, this.#indexed);
  }

  search<Some extends Format>(query: SearchQuery & { format: Some }, signal: AbortSignal): Answer<EntryIn<Some>> {
    return inFormat(
      query,
      this.#calls.answer(() => this.#answer(query, patternOf(query), signal)),
    );
  }

  all<Some extends Format>(query: AllQuery & { format: Some }, signal: AbortSignal): Answer<EntryIn<Some>> {
    const withoutContext = { ...query, n_before: 0, n_after: 0 };
    return inFormat(
      query,
      this.#calls.answer(() => this.#answer(withoutContext, EVERY_LINE, signal)),
    );
  }

  list(query: ListQuery, signal: AbortSignal): Answer<string> {
    return this.#calls.answer(() => this.#lister.list(query, signal));
  }

  async matchTexts(term: Term, texts: readonly string[], signal: AbortSignal): Promise<(Match[] | undefined)[]> {
    signal.throwIfAborted();
    return this.#calls.run(() => matchTexts(this.#failureOptions, term, texts, signal));
  }

  async files(name: string | undefined, signal: AbortSignal): Promise<ListedFile[]> {
    signal.throwIfAborted();
    return this.#calls.run(async () => {
      const found = await this.#dictionaries.find(name, signal);
      const encodings = await this.#encodings.describe(name ?? '', found, createScanBudget(), signal);
      return found.files.map(({ path, bytes }) => ({ file: path, bytes, ...warningIn(encodings.warningOf(path)) }));
    });
  }

  async entryCounts(query: CountQuery, signal: AbortSignal): Promise<EntryCounts> {
    signal.throwIfAborted();
    let files: MatchCounts = new Map();
    const count = async (task: SearchTask) => {
      files = await this.#entries.count(task);
      return [...files.values()].reduce((sum, { entries }) => sum + entries, 0);
    };
    const every = { ...EVERY_ENTRY, ...query };
    const answer = this.#answer(every, patternOf(query), signal, (task) => this.#count(task, count));
    // It has no entries.
    const { value } = await this.#calls.run(() => answer.next());
    return { files, summary: value as Summary };
  }

  async lineCounts(name: string | undefined, signal: AbortSignal): Promise<ReadonlyMap<string, number>> {
    signal.throwIfAborted();
    return this.#calls.run(async () => {
      const cached = this.#lineCounts.get(name ?? '', await this.#version(name));
      if (cached !== undefined) return cached;
      const dictionary = await this.#open(name, { mayBeStale: false, signal });
      try {
        return await this.#lineCounts.count(name ?? '', dictionary, signal);
      } finally {
        dictionary.close();
      }
    });
  }

  async wordCounts(name: string | undefined, signal: AbortSignal): Promise<ReadonlyMap<string, number>> {
    signal.throwIfAborted();
    return this.#calls.run(async () => {
      const cached = this.#wordCounts.get(name ?? '', await this.#version(name));
      if (cached !== undefined) return cached;
      const dictionary = await this.#open(name, { mayBeStale: false, signal });
      try {
        return await this.#wordCounts.count(name ?? '', dictionary, signal);
      } finally {
        dictionary.close();
      }
    });
  }

  async dictionaries(signal: AbortSignal): Promise<DictionaryList> {
    signal.throwIfAborted();
    return this.#calls.run(async () => {
      const list = await this.#dictionaries.list(signal);
      const dictionaries: Dictionary[] = [];
      const budget = createScanBudget();
      // Its index and what is known of its encodings change while a dictionary doesn't.
      for (const each of list.dictionaries) {
        const index = (await this.#keeper?.stateOf(each, signal)) ?? 'none';
        const found = await this.#findAgain(each.name, signal);
        const known = found && (await this.#encodings.describe(each.name, found, budget, signal));
        dictionaries.push({ ...each, index, encoding: known?.encoding ?? null, ...warningIn(known?.warning) });
      }
      return { ...list, dictionaries };
    });
  }

  /** Finds a dictionary that has just been listed. Returns `undefined` if it is gone. */
  async #findAgain(name: string, signal: AbortSignal): Promise<FoundFiles | undefined> {
    const file = this.#dictionaries.topLevelFile(name);
    if (file !== undefined) return { files: [file] };
    const snapshot = this.#dictionaries.knownFolder(name);
    if (snapshot !== undefined) return { files: snapshot.files, snapshot };
    return this.#dictionaries.find(name, signal).catch((error) => {
      if (error instanceof AppError && !isTooBusy(error)) return undefined;
      throw error;
    });
  }

  /** grep needs no connection, so only `close` makes the engine unavailable. */
  async check(): Promise<void> {
    this.#calls.assertOpen();
  }

  async close(): Promise<void> {
    await this.#calls.close();
    await this.#forkServers.close();
    await this.#packedFolders.close();
    await this.#encodings.close();
    await this.#keeper?.close();
    await this.#smallTexts?.close();
  }

  version(dictionary: string | undefined): ReturnType<SearchEngine['version']> {
    this.#calls.assertOpen();
    const version = this.#version(dictionary);
    return version instanceof Promise ? this.#calls.run(() => version) : version;
  }

  #version(dictionary: string | undefined): ReturnType<SearchEngine['version']> {
    const file = this.#dictionaries.topLevelFile(dictionary);
    if (file !== undefined) return combineVersions([file], Date.now());
    return this.#lookUpVersion(dictionary);
  }

  async #lookUpVersion(dictionary: string | undefined): Promise<string | undefined> {
    const nowMs = Date.now();
    const { files, snapshot } = await this.#dictionaries.find(dictionary);
    // As in the summary of a search, which reads a single file without the folder.
    if (snapshot === undefined || files.length === 1) return combineVersions(files, nowMs);
    return snapshot.version;
  }

  listedName(dictionary: string): ReturnType<SearchEngine['listedName']> {
    this.#calls.assertOpen();
    if (this.#dictionaries.topLevelFile(dictionary) !== undefined) return dictionary;
    return this.#calls.run(async () => {
      const { files, snapshot } = await this.#dictionaries.findOne(dictionary);
      return snapshot === undefined ? (files[0]?.path ?? dictionary) : dictionary;
    });
  }

  isLarge(dictionary: string | undefined): boolean {
    const file = this.#dictionaries.topLevelFile(dictionary);
    const bytes = file === undefined ? this.#bytes.get(dictionary ?? '') : estimatedTextBytes(file);
    // Several dictionaries may be of any size.
    if (bytes === undefined && selectsSeveral(this.#selectorOf(dictionary))) return true;
    return (bytes ?? this.#dictionaries.knownFolder(dictionary)?.textBytes ?? 0) > LARGE_BYTES;
  }

  batchKeyOf(query: SearchQuery): string | undefined {
    if (!isBatchable(query) || selectsSeveral(this.#selectorOf(query.dictionary))) return undefined;
    const file = this.#dictionaries.topLevelFile(query.dictionary);
    if (file !== undefined && !isSmall(file)) return undefined;
    const folder = file === undefined ? this.#dictionaries.knownFolder(query.dictionary) : undefined;
    if (folder !== undefined && !isBatchableFolder(folder)) return undefined;
    return `${isPlain(query) ? 'plain' : 'context'} ${query.dictionary ?? ''}`;
  }

  searchBatch(queries: readonly SearchQuery[], signal: AbortSignal): Promise<BatchOutcome[]> {
    return this.#calls.run(async () => {
      try {
        return await this.#searchBatch(queries, { mayBeStale: true, signal });
      } catch (error) {
        if (!(error instanceof StaleFolderError)) throw error;
        return this.#searchBatch(queries, { mayBeStale: false, signal });
      }
    });
  }

  async #searchBatch(queries: readonly SearchQuery[], options: OpenOptions): Promise<BatchOutcome[]> {
    const dictionary = await this.#openOne(queries[0]?.dictionary, options);
    try {
      const { lineLength } = this.#options;
      return await searchBatch(
        {
          grep: this.#grep,
          forkServers: this.#forkServers,
          smallTexts: this.#smallTexts,
          root: this.#dictionaries.root.path,
          lineLength,
        },
        queries,
        dictionary,
        options.signal,
      );
    } finally {
      dictionary.close();
    }
  }

  async #open(selector: string | undefined, options: OpenOptions): Promise<OpenDictionary | OpenDictionaries> {
    if (!selectsSeveral(this.#selectorOf(selector))) return this.#openOne(selector, options);
    const dictionaries = await OpenDictionaries.open({ ...this.#openOptions(selector), ...options });
    this.#bytes.set(selector ?? '', bytesOf(dictionaries.files));
    return dictionaries;
  }

  async #openOne(name: string | undefined, options: OpenOptions): Promise<OpenDictionary> {
    const dictionary = await OpenDictionary.open({ ...this.#openOptions(name), ...options });
    const { only } = dictionary;
    if (only !== undefined) this.#bytes.set(name ?? '', bytesOf([only.file]));
    return dictionary;
  }

  #openOptions(name: string | undefined): Omit<OpenDictionaryOptions, keyof OpenOptions> {
    return {
      dictionaries: this.#dictionaries,
      name,
      maxDecompressedBytes: this.#options.maxDecompressedBytes,
      traits: this.#traits,
      packedFolders: this.#packedFolders,
      plans: this.#plans,
    };
  }

  /** Names the default dictionary, if it is known. */
  #selectorOf(selector: string | undefined): string | undefined {
    return selector ?? this.#dictionaries.defaultName;
  }

  async *#answer(
    query: SearchTask['query'],
    pattern: Pattern,
    signal: AbortSignal,
    read = (task: SearchTask) => this.#read(task),
  ): Answer {
    try {
      // What an observer has seen can't be withheld.
      return yield* this.#attempt(query, pattern, { mayBeStale: query.observer === undefined, signal }, read);
    } catch (error) {
      if (!(error instanceof StaleFolderError)) throw error;
    }
    return yield* this.#attempt(query, pattern, { mayBeStale: false, signal }, read);
  }

  async *#attempt(
    query: SearchTask['query'],
    pattern: Pattern,
    options: OpenOptions,
    read: (task: SearchTask) => Answer,
  ): Answer {
    const dictionary = await this.#open(query.dictionary, { ...options, fileGlobs: query.files });
    const task = { query, pattern, dictionary, selection: createSelection(query), signal: options.signal };
    try {
      const answer = read(task);
      return yield* dictionary.isProven ? answer : withholdUntilProven(answer, dictionary);
    } catch (error) {
      options.signal.throwIfAborted();
      if (!dictionary.isProven && !(error instanceof StaleFolderError)) {
        // A file may be gone.
        await dictionary.prove();
        // A folder can change while its files stay the same: another file came or went.
        if (isChangedError(error)) throw new StaleFolderError(undefined, { cause: error });
      }
      throw error instanceof GrepError ? await this.#explain(error, task) : error;
    } finally {
      dictionary.close();
    }
  }

  async *#read(task: SearchTask): Answer {
    const { dictionary, selection } = task;
    if (dictionary.files.length === 0) await assertPattern(task, this.#failureOptions);
    await this.#assertConditions(task);
    const { nrOfEntries, wasTruncated } = yield* this.#entries.read(task);
    yield* selection.flush();
    return summaryOf({ nrOfEntries, wasTruncated }, await dictionary.summaryEnd());
  }

  /** grep reports an invalid regular expression only if it runs, so each runs at least here. */
  async #assertConditions({ pattern, signal }: SearchTask): Promise<void> {
    for (const { patterns } of pattern.conditions ?? []) {
      for (const each of patterns) await assertPattern({ pattern: each, signal }, this.#failureOptions);
    }
  }

  // biome-ignore lint/correctness/useYield: an answer without entries
  async *#count(task: SearchTask, count: (task: SearchTask) => Promise<number>): Answer {
    if (task.dictionary.files.length === 0) await assertPattern(task, this.#failureOptions);
    const nrOfEntries = await count(task);
    return summaryOf({ nrOfEntries, wasTruncated: false }, await task.dictionary.summaryEnd());
  }

  /** Returns an AppError if the caller or the environment caused the failure, else the failure. */
  async #explain(failure: GrepError, task: SearchTask): Promise<Error> {
    const explained = await toGrepAppError(failure, task, this.#failureOptions);
    return explained ?? (await task.dictionary.explainFailure(failure)) ?? failure;
  }

  get #failureOptions(): FailureOptions {
    return { grep: this.#grep, searchMemoryBytes: this.#options.searchMemoryBytes };
  }
}

/** A folder of one file is searched like the file. */
function isBatchableFolder(folder: FolderSnapshot): boolean {
  return folder.files.length === 1 ? isSmall(folder) : isPackable(folder);
}

/** Estimates the size of the texts of some files. */
function bytesOf(files: readonly DictionaryFile[]): number {
  return files.reduce((sum, file) => sum + estimatedTextBytes(file), 0);
}

function warningIn(warning: string | undefined): { warning?: string } {
  return warning === undefined ? {} : { warning };
}

function isChangedError(error: unknown): boolean {
  return error instanceof AppError && error.code === 'dictionary_changed';
}
