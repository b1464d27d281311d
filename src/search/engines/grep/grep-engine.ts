// The search engine that runs grep over the files of the dictionaries folder.
import { LRUCache } from 'lru-cache';
import { KeyedTrailingCall } from '../../../concurrency/keyed-trailing-call.js';
import { AppError } from '../../../errors.js';
import type { BatchOutcome, BatchSearcher } from '../../batching/batching-engine.js';
import { isCompressed } from '../../corpus/compressed.js';
import { DefaultDictionary, type DefaultOptions } from '../../corpus/default-dictionary.js';
import { Dictionaries } from '../../corpus/dictionaries.js';
import { combineVersions } from '../../corpus/dictionary-file.js';
import { LARGE_BYTES } from '../../corpus/large-text.js';
import type {
  AllQuery,
  Answer,
  DictionaryList,
  EntryIn,
  Format,
  ListedFile,
  ListQuery,
  SearchEngine,
  SearchQuery,
} from '../../engine.js';
import { createSelection } from '../../entries/selection.js';
import { summaryOf } from '../../entries/summary.js';
import { inFormat } from '../../entries/typed-answer.js';
import { ForkServers } from '../../grep/fork-server.js';
import { assertPattern, type FailureOptions, toGrepAppError } from '../../grep/grep-failure.js';
import { EVERY_LINE, type Grep, GrepError, type Pattern, patternOf } from '../../grep/run-grep.js';
import type { FolderLister } from '../../ls/folder-lister.js';
import type { SearchCounts } from '../../search-counts.js';
import { EngineCalls } from '../engine-calls.js';
import { openPrograms, type Programs } from '../open-programs.js';
import { isBatchable, isPlain, isSmall, searchBatch } from './batched-search.js';
import { GrepEntries } from './grep-entries.js';
import { LineCounts } from './line-counts.js';
import { OpenDictionary, TraitCache } from './open-dictionary.js';
import { PortionGrep } from './portion-grep.js';
import type { SearchTask } from './search-task.js';

export interface GrepOptions extends DefaultOptions {
  dictionariesDir: string;
  /** The maximum length of a line or quote, in UTF-16 code units. */
  lineLength: number;
  /** The memory limit of a grep with an expensive pattern or a large text. */
  searchMemoryBytes: number;
  /** The maximum size of a compressed file after decompression. */
  maxDecompressedBytes: number;
  counts?: SearchCounts;
}

/**
 * Throws if the dictionaries folder doesn't exist, and an OperatorError if GNU grep or the ls of
 * GNU coreutils is missing.
 */
export async function openGrep(options: GrepOptions): Promise<GrepEngine> {
  const dictionaries = await Dictionaries.open(options.dictionariesDir, new DefaultDictionary(options));
  // If this fails now, the first request chooses the default dictionary, or reports the error.
  await dictionaries.resolveDefault().catch((error) => {
    if (!(error instanceof AppError)) throw error;
  });
  const { searchMemoryBytes: memoryBytes, counts } = options;
  const programs = await openPrograms({ root: dictionaries.root, memoryBytes, counts });
  return new GrepEngine({ dictionaries, ...programs }, options);
}

interface Parts extends Programs {
  dictionaries: Dictionaries;
}

/** The approximate compression ratio of deflate for text. */
const COMPRESSION_RATIO = 4;

/** Bounds the cache of dictionary sizes, in UTF-16 code units of their names. */
const MAX_NAMES_LENGTH = 1024 * 1024;
/** The approximate overhead of an entry, in the same unit. */
const ENTRY_LENGTH = 100;

export class GrepEngine implements SearchEngine, BatchSearcher {
  readonly #dictionaries: Dictionaries;
  readonly #lister: FolderLister;
  readonly #grep: Grep;
  readonly #options: GrepOptions;
  readonly #entries: GrepEntries;
  readonly #lineCounts: LineCounts;
  readonly #traits = new TraitCache();
  readonly #versions = new KeyedTrailingCall((name: string | undefined, signal) => this.#lookUpVersion(name, signal));
  /** The sizes of opened dictionaries by name. Links can give a dictionary countless names. */
  readonly #bytes = new LRUCache<string, number>({
    maxSize: MAX_NAMES_LENGTH,
    sizeCalculation: (_, name) => name.length + ENTRY_LENGTH,
  });
  readonly #forkServers: ForkServers;
  readonly #calls = new EngineCalls();

  constructor({ dictionaries, lister, grep }: Parts, options: GrepOptions) {
    this.#dictionaries = dictionaries;
    this.#lister = lister;
    this.#grep = grep;
    this.#options = options;
    this.#forkServers = new ForkServers([grep.program, '-a', '-h', '-F'], { LC_ALL: 'C' });
    const portionGrep = new PortionGrep({ ...options, grep, root: dictionaries.root.path });
    this.#entries = new GrepEntries(portionGrep, options);
    this.#lineCounts = new LineCounts(portionGrep);
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

  async files(name: string | undefined, signal: AbortSignal): Promise<ListedFile[]> {
    signal.throwIfAborted();
    const files = await this.#calls.run(() => this.#dictionaries.files(name, signal));
    return files.map(({ path, bytes }) => ({ file: path, bytes }));
  }

  async lineCounts(name: string | undefined, signal: AbortSignal): Promise<ReadonlyMap<string, number>> {
    signal.throwIfAborted();
    return this.#calls.run(async () => {
      const cached = this.#lineCounts.get(name ?? '', await this.#version(name));
      if (cached !== undefined) return cached;
      const dictionary = await this.#open(name, signal);
      try {
        return await this.#lineCounts.count(name ?? '', dictionary, signal);
      } finally {
        dictionary.close();
      }
    });
  }

  async dictionaries(signal: AbortSignal): Promise<DictionaryList> {
    signal.throwIfAborted();
    return this.#calls.run(() => this.#dictionaries.list(signal));
  }

  /** grep needs no connection, so only `close` makes the engine unavailable. */
  async check(): Promise<void> {
    this.#calls.assertOpen();
  }

  async close(): Promise<void> {
    await this.#calls.close();
    await this.#forkServers.close();
  }

  version(dictionary: string | undefined): ReturnType<SearchEngine['version']> {
    this.#calls.assertOpen();
    const version = this.#version(dictionary);
    return version instanceof Promise ? this.#calls.run(() => version) : version;
  }

  #version(dictionary: string | undefined): ReturnType<SearchEngine['version']> {
    const file = this.#dictionaries.topLevelFile(dictionary);
    if (file !== undefined) return combineVersions([file], Date.now());
    return this.#versions.run(dictionary);
  }

  async #lookUpVersion(dictionary: string | undefined, signal: AbortSignal): Promise<string | undefined> {
    const nowMs = Date.now();
    return combineVersions(await this.#dictionaries.files(dictionary, signal), nowMs);
  }

  isLarge(dictionary: string | undefined): boolean {
    const bytes = this.#dictionaries.topLevelFile(dictionary)?.bytes ?? this.#bytes.get(dictionary ?? '') ?? 0;
    return bytes > LARGE_BYTES;
  }

  batchKeyOf(query: SearchQuery): string | undefined {
    if (!isBatchable(query)) return undefined;
    const file = this.#dictionaries.topLevelFile(query.dictionary);
    if (file !== undefined && !isSmall(file)) return undefined;
    return `${isPlain(query) ? 'plain' : 'context'} ${query.dictionary ?? ''}`;
  }

  searchBatch(queries: readonly SearchQuery[], signal: AbortSignal): Promise<BatchOutcome[]> {
    return this.#calls.run(async () => {
      const dictionary = await this.#open(queries[0]?.dictionary, signal);
      try {
        const { lineLength } = this.#options;
        return await searchBatch(
          { grep: this.#grep, forkServers: this.#forkServers, root: this.#dictionaries.root.path, lineLength },
          queries,
          dictionary,
          signal,
        );
      } finally {
        dictionary.close();
      }
    });
  }

  async #open(name: string | undefined, signal: AbortSignal): Promise<OpenDictionary> {
    const options = { dictionaries: this.#dictionaries, name, traits: this.#traits, signal };
    const dictionary = await OpenDictionary.open({
      ...options,
      maxDecompressedBytes: this.#options.maxDecompressedBytes,
    });
    this.#bytes.set(
      name ?? '',
      dictionary.files.reduce((sum, { path, bytes }) => sum + bytes * (isCompressed(path) ? COMPRESSION_RATIO : 1), 0),
    );
    return dictionary;
  }

  async *#answer(query: SearchTask['query'], pattern: Pattern, signal: AbortSignal): Answer {
    const dictionary = await this.#open(query.dictionary, signal);
    const task = { query, pattern, dictionary, selection: createSelection(query), signal };
    try {
      if (dictionary.files.length === 0) await assertPattern(task, this.#failureOptions);
      const { nrOfEntries, wasTruncated } = yield* this.#entries.read(task);
      yield* task.selection.flush();
      return summaryOf({ nrOfEntries, wasTruncated }, await dictionary.summaryEnd());
    } catch (error) {
      throw error instanceof GrepError ? await this.#explain(error, task) : error;
    } finally {
      dictionary.close();
    }
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
