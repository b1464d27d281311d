// The search engine that runs the grep program over the files of a folder.
import { LRUCache } from 'lru-cache';
import { NextCall } from '../../next-call.js';
import { Batch } from '../batch.js';
import { Dictionaries } from '../dictionaries.js';
import { versionOfAll } from '../dictionary-file.js';
import type { AllQuery, Answer, DictionaryList, Entry, ListQuery, SearchEngine, SearchQuery } from '../engine.js';
import { FolderLister } from '../ls/folder-lister.js';
import { findLs } from '../ls/run-ls.js';
import { createSelection } from '../selection.js';
import type { Shared, SharedSearcher } from '../sharing-engine.js';
import { ContextEntries } from './context-entries.js';
import { checkPattern, explainFailure, type FailureOptions } from './explain-failure.js';
import { findGrep } from './find-grep.js';
import { ForkServers } from './fork-server.js';
import { GROUP_END } from './grep-lines.js';
import { LineEntries } from './line-entries.js';
import { changed, OpenDictionary, type Portion, TraitsMemory } from './open-dictionary.js';
import { lineEndOf, PortionGrep, QUICK_BYTES, seesLineEnd } from './portion-grep.js';
import type { Question } from './question.js';
import { MatchingLines, noMatchingLines, readQuotes } from './quotes.js';
import { EVERY_LINE, type Grep, GrepFailed, type Pattern, patternOf } from './run-grep.js';
import { isPacked } from './text-file.js';
import { isPlain, isShareable, isSmall, searchTogether, summaryOf } from './together.js';

export interface GrepOptions {
  dictionariesDir: string;
  defaultDictionary: string | undefined;
  /** The longest line or quote that is given, in UTF-16 code units. */
  lineLength: number;
  /** The most memory of one grep that could grow. */
  searchMemoryBytes: number;
  /** The most that a packed file may unpack to. */
  mostUnpackedBytes: number;
}

/** Throws when the folder can't be read, or there is no GNU grep or no ls of coreutils. */
export async function openGrep(options: GrepOptions): Promise<GrepEngine> {
  const dictionaries = await Dictionaries.open(options.dictionariesDir, options.defaultDictionary);
  const grep = await findGrep();
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

/** What was found out when all entries have been given. */
interface Outcome {
  readonly nrOfEntries: number;
  readonly wasCut: boolean;
}

type Entries = AsyncGenerator<Entry[], Outcome, void>;

/** What deflate makes small of a text, about. */
const PACKED_RATIO = 4;

/** Dictionaries whose versions are being looked up, or whose sizes are known. */
const MOST_NAMES = 10_000;

export class GrepEngine implements SearchEngine, SharedSearcher {
  readonly #dictionaries: Dictionaries;
  readonly #lister: FolderLister;
  readonly #grep: Grep;
  readonly #options: GrepOptions;
  readonly #portionGrep: PortionGrep;
  readonly #traits = new TraitsMemory();
  readonly #versions = new LRUCache<string, NextCall<string | undefined>>({ max: MOST_NAMES });
  /** Of dictionaries that were opened, as they were then. */
  readonly #bytes = new LRUCache<string, number>({ max: MOST_NAMES });
  readonly #forkServers: ForkServers;

  constructor({ dictionaries, lister, grep }: Parts, options: GrepOptions) {
    this.#dictionaries = dictionaries;
    this.#lister = lister;
    this.#grep = grep;
    this.#options = options;
    this.#forkServers = new ForkServers([grep.program, '-a', '-h', '-F'], { LC_ALL: 'C' });
    this.#portionGrep = new PortionGrep({ ...options, grep, root: dictionaries.root.path });
  }

  search(query: SearchQuery, signal: AbortSignal): Answer {
    return this.#answer(query, patternOf(query), signal);
  }

  all(query: AllQuery, signal: AbortSignal): Answer {
    return this.#answer({ ...query, n_before: 0, n_after: 0 }, EVERY_LINE, signal);
  }

  list(query: ListQuery, signal: AbortSignal): Answer {
    return this.#lister.list(query, signal);
  }

  dictionaries(): Promise<DictionaryList> {
    return this.#dictionaries.list();
  }

  version(dictionary: string | undefined): ReturnType<SearchEngine['version']> {
    const file = this.#dictionaries.topFile(dictionary);
    if (file !== undefined) return versionOfAll([file], Date.now());
    const name = dictionary ?? '';
    const call = this.#versions.get(name) ?? new NextCall(() => this.#lookUpVersion(dictionary));
    this.#versions.set(name, call);
    return call.ask();
  }

  async #lookUpVersion(dictionary: string | undefined): Promise<string | undefined> {
    const nowMs = Date.now();
    return versionOfAll(await this.#dictionaries.files(dictionary), nowMs);
  }

  isLarge(dictionary: string | undefined): boolean {
    const bytes = this.#dictionaries.topFile(dictionary)?.bytes ?? this.#bytes.get(dictionary ?? '') ?? 0;
    return bytes > QUICK_BYTES;
  }

  groupOf(query: SearchQuery): string | undefined {
    if (!isShareable(query)) return undefined;
    const file = this.#dictionaries.topFile(query.dictionary);
    if (file !== undefined && !isSmall(file)) return undefined;
    return `${isPlain(query) ? 'plain' : 'context'} ${query.dictionary ?? ''}`;
  }

  async searchTogether(queries: readonly SearchQuery[], signal: AbortSignal): Promise<Shared[]> {
    const dictionary = await this.#open(queries[0]?.dictionary);
    try {
      const { lineLength } = this.#options;
      return await searchTogether(
        { grep: this.#grep, forkServers: this.#forkServers, root: this.#dictionaries.root.path, lineLength },
        queries,
        dictionary,
        signal,
      );
    } finally {
      // Nobody has to wait for that.
      dictionary.close();
    }
  }

  async #open(name: string | undefined): Promise<OpenDictionary> {
    const options = { dictionaries: this.#dictionaries, name, traits: this.#traits };
    const dictionary = await OpenDictionary.open({ ...options, mostUnpackedBytes: this.#options.mostUnpackedBytes });
    this.#bytes.set(
      name ?? '',
      dictionary.files.reduce((sum, { path, bytes }) => sum + bytes * (isPacked(path) ? PACKED_RATIO : 1), 0),
    );
    return dictionary;
  }

  async *#answer(query: Question['query'], pattern: Pattern, signal: AbortSignal): Answer {
    const dictionary = await this.#open(query.dictionary);
    const question = { query, pattern, dictionary, selection: createSelection(query), signal };
    try {
      if (dictionary.files.length === 0) await checkPattern(question, this.#failureOptions);
      const { nrOfEntries, wasCut } = yield* this.#entries(question);
      yield* question.selection.rest();
      return summaryOf({ nrOfEntries, wasCut }, await dictionary.end());
    } catch (error) {
      throw error instanceof GrepFailed ? await explainFailure(error, question, this.#failureOptions) : error;
    } finally {
      dictionary.close();
    }
  }

  get #failureOptions(): FailureOptions {
    const { searchMemoryBytes } = this.#options;
    return { grep: this.#grep, dictionaries: this.#dictionaries, searchMemoryBytes };
  }

  #entries(question: Question): Entries {
    const { unit, format, n_before, n_after } = question.query;
    if (unit === 'quote') return this.#quotes(question);
    return format === 'text' && n_before + n_after === 0 ? this.#plainLines(question) : this.#lines(question);
  }

  /** Lines without context or place: the way of the least work. */
  async *#plainLines(question: Question): Entries {
    const lines = new LineEntries({
      selection: question.selection,
      longest: this.#options.lineLength,
      lineEnd: lineEndOf(question.pattern),
    });
    for await (const portion of this.#portions(question)) {
      for await (const output of this.#portionGrep.output(question, portion, [])) {
        const entries = lines.read(output);
        if (entries.length > 0) yield entries;
      }
    }
    return lines;
  }

  async *#lines(question: Question): Entries {
    const { n_before, n_after } = question.query;
    const context = ['-B', String(n_before), '-A', String(n_after)];
    const entries = this.#contextEntries(question);
    const batch = new Batch();
    for await (const portion of this.#portions(question)) {
      const nrBefore = entries.nrOfEntries;
      let itemsBeyond = 0;
      for await (const items of this.#portionGrep.lines(question, portion, context)) {
        for (const item of items) {
          for (const entry of item === GROUP_END ? entries.end() : entries.take(item)) {
            batch.add(entry);
            if (batch.isFull) yield batch.empty();
          }
          if (!entries.isOpen && !question.selection.wantsFrom(entries.nrOfEntries)) itemsBeyond += 1;
        }
        if (!batch.isEmpty) yield batch.empty();
        if (itemsBeyond > MOST_ITEMS_BEYOND) break;
      }
      for (const entry of entries.end()) {
        batch.add(entry);
        if (batch.isFull) yield batch.empty();
      }
      if (itemsBeyond > MOST_ITEMS_BEYOND) {
        entries.nrOfEntries = nrBefore + (await this.#portionGrep.count(question, portion));
      }
    }
    if (!batch.isEmpty) yield batch.empty();
    return entries;
  }

  async *#quotes(question: Question): Entries {
    const { dictionary, pattern, signal } = question;
    const { n_before, n_after } = question.query;
    const entries = this.#contextEntries(question);
    const isEveryOneWanted = pattern === EVERY_LINE;
    const batch = new Batch();
    for await (const portion of this.#portions(question)) {
      const matching = isEveryOneWanted
        ? noMatchingLines()
        : new MatchingLines(this.#portionGrep.lines(question, portion, []));
      try {
        await matching.pass();
        for (const file of portion.files) {
          matching.file = file.path;
          if (!isEveryOneWanted && matching.current === undefined) continue;
          const text = portion.text ?? (await dictionary.openText(file));
          try {
            const isFortune = await dictionary.has('fortune', text, signal);
            const options = {
              file: file.path,
              isFortune,
              longest: this.#options.lineLength,
              onlyMatches: !isEveryOneWanted && n_before + n_after === 0,
            };
            for await (const quote of readQuotes(text.read(signal), matching, options)) {
              for (const entry of entries.take(isEveryOneWanted ? { ...quote, isMatch: true } : quote))
                batch.add(entry);
              if (batch.isFull) yield batch.empty();
              if (!isEveryOneWanted && matching.current === undefined && !entries.isOpen) break;
            }
          } finally {
            if (text !== portion.text) text.close();
          }
          for (const entry of entries.end()) {
            batch.add(entry);
            if (batch.isFull) yield batch.empty();
          }
          // grep has seen more lines than there are now.
          if (matching.current !== undefined) throw changed(question.query.dictionary);
        }
      } finally {
        await matching.close();
      }
    }
    if (!batch.isEmpty) yield batch.empty();
    return entries;
  }

  #portions({ pattern, dictionary, signal }: Question): AsyncGenerator<Portion, void, void> {
    return dictionary.portions(seesLineEnd(pattern), signal);
  }

  #contextEntries({ query: { n_before, n_after, format }, selection }: Question): ContextEntries {
    return new ContextEntries({ selection, n_before, n_after, format, longest: this.#options.lineLength });
  }
}

/**
 * When all that is wanted was given, the others are only counted. Few are counted as they come; for many a grep that does nothing
 * but count is quicker, though it begins anew: on a text of 1 GB where nearly all lines match, 1 s instead of 26 s for marked ones.
 */
const MOST_ITEMS_BEYOND = 10_000;
