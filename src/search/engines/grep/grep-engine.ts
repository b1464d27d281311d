// The search engine that runs the grep program over the files of a folder.
import { LRUCache } from 'lru-cache';
import { KeyedTrailingCall } from '../../../concurrency/keyed-trailing-call.js';
import { AppError } from '../../../errors.js';
import type { BatchSearcher, Shared } from '../../batching/batching-engine.js';
import { DefaultDictionary, type DefaultOptions } from '../../corpus/default-dictionary.js';
import { Dictionaries } from '../../corpus/dictionaries.js';
import { versionOfAll } from '../../corpus/dictionary-file.js';
import { isPacked } from '../../corpus/text-file.js';
import type {
  AllQuery,
  Answer,
  DictionaryList,
  ListedFile,
  ListQuery,
  SearchEngine,
  SearchQuery,
} from '../../engine.js';
import { createSelection } from '../../entries/selection.js';
import { findGrep } from '../../grep/find-grep.js';
import { ForkServers } from '../../grep/fork-server.js';
import { assertPattern, type FailureOptions, toGrepAppError } from '../../grep/grep-failure.js';
import { EVERY_LINE, type Grep, GrepError, type Pattern, patternOf } from '../../grep/run-grep.js';
import { FolderLister } from '../../ls/folder-lister.js';
import { findLs } from '../../ls/run-ls.js';
import { createSearchCounts, type SearchCounts } from '../../search-counts.js';
import { EngineCalls } from '../engine-calls.js';
import { isBatchable, isPlain, isSmall, searchBatch, summaryOf } from './batched-search.js';
import { GrepEntries } from './grep-entries.js';
import { LineCounts } from './line-counts.js';
import { OpenDictionary, TraitCache } from './open-dictionary.js';
import { PortionGrep, QUICK_BYTES } from './portion-grep.js';
import type { Question } from './question.js';

export interface GrepOptions extends DefaultOptions {
  dictionariesDir: string;
  /** The longest line or quote that is given, in UTF-16 code units. */
  lineLength: number;
  /** The most memory of one grep that could grow. */
  searchMemoryBytes: number;
  /** The most that a packed file may unpack to. */
  maxUnpackedBytes: number;
  counts?: SearchCounts;
}

/** Throws when the folder can't be read, or there is no GNU grep or no ls of coreutils. */
export async function openGrep(options: GrepOptions): Promise<GrepEngine> {
  const dictionaries = await Dictionaries.open(options.dictionariesDir, new DefaultDictionary(options));
  // If the folder can't be read now, a request chooses, or says why it can't.
  await dictionaries.resolveDefault().catch((error) => {
    if (!(error instanceof AppError)) throw error;
  });
  const { greps } = options.counts ?? createSearchCounts();
  const found = await findGrep();
  const grep = { ...found, counts: greps };
  const lister = new FolderLister({
    root: dictionaries.root,
    ls: await findLs(),
    memoryBytes: options.searchMemoryBytes,
  });
  return new GrepEngine({ dictionaries, lister, grep }, options);
}

interface Parts {
  dictionaries: Dictionaries;
  lister: FolderLister;
  grep: Grep;
}

/** What deflate makes small of a text, about. */
const PACKED_RATIO = 4;

/** The size of the cache of dictionary sizes, in UTF-16 code units of their names. */
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

  search(query: SearchQuery, signal: AbortSignal): Answer {
    return this.#calls.answer(() => this.#answer(query, patternOf(query), signal));
  }

  all(query: AllQuery, signal: AbortSignal): Answer {
    const whole = { ...query, n_before: 0, n_after: 0 };
    return this.#calls.answer(() => this.#answer(whole, EVERY_LINE, signal));
  }

  list(query: ListQuery, signal: AbortSignal): Answer {
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
      const known = this.#lineCounts.recall(name ?? '', await this.#version(name));
      if (known !== undefined) return known;
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

  /** Each search finds out by itself: there is nothing to be reached first. */
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
    const file = this.#dictionaries.topFile(dictionary);
    if (file !== undefined) return versionOfAll([file], Date.now());
    return this.#versions.run(dictionary);
  }

  async #lookUpVersion(dictionary: string | undefined, signal: AbortSignal): Promise<string | undefined> {
    const nowMs = Date.now();
    return versionOfAll(await this.#dictionaries.files(dictionary, signal), nowMs);
  }

  isLarge(dictionary: string | undefined): boolean {
    const bytes = this.#dictionaries.topFile(dictionary)?.bytes ?? this.#bytes.get(dictionary ?? '') ?? 0;
    return bytes > QUICK_BYTES;
  }

  batchKeyOf(query: SearchQuery): string | undefined {
    if (!isBatchable(query)) return undefined;
    const file = this.#dictionaries.topFile(query.dictionary);
    if (file !== undefined && !isSmall(file)) return undefined;
    return `${isPlain(query) ? 'plain' : 'context'} ${query.dictionary ?? ''}`;
  }

  searchBatch(queries: readonly SearchQuery[], signal: AbortSignal): Promise<Shared[]> {
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
        // Nobody has to wait for that.
        dictionary.close();
      }
    });
  }

  async #open(name: string | undefined, signal: AbortSignal): Promise<OpenDictionary> {
    const options = { dictionaries: this.#dictionaries, name, traits: this.#traits, signal };
    const dictionary = await OpenDictionary.open({ ...options, maxUnpackedBytes: this.#options.maxUnpackedBytes });
    this.#bytes.set(
      name ?? '',
      dictionary.files.reduce((sum, { path, bytes }) => sum + bytes * (isPacked(path) ? PACKED_RATIO : 1), 0),
    );
    return dictionary;
  }

  async *#answer(query: Question['query'], pattern: Pattern, signal: AbortSignal): Answer {
    const dictionary = await this.#open(query.dictionary, signal);
    const question = { query, pattern, dictionary, selection: createSelection(query), signal };
    try {
      if (dictionary.files.length === 0) await assertPattern(question, this.#failureOptions);
      const { nrOfEntries, wasCut } = yield* this.#entries.of(question);
      yield* question.selection.rest();
      return summaryOf({ nrOfEntries, wasCut }, await dictionary.end());
    } catch (error) {
      throw error instanceof GrepError ? await this.#explain(error, question) : error;
    } finally {
      dictionary.close();
    }
  }

  /** An AppError, or the failure itself where that is nothing but a bug. */
  async #explain(failure: GrepError, question: Question): Promise<Error> {
    const explained = await toGrepAppError(failure, question, this.#failureOptions);
    return explained ?? (await question.dictionary.explain(failure)) ?? failure;
  }

  get #failureOptions(): FailureOptions {
    return { grep: this.#grep, searchMemoryBytes: this.#options.searchMemoryBytes };
  }
}
