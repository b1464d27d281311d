// Builds entries from grep's output for the portions of a dictionary.
import { changedDictionaryError } from '../../corpus/default-dictionary.js';
import type { DictionaryFile } from '../../corpus/dictionary-file.js';
import type { SectionText } from '../../corpus/sectioned-text.js';
import type { TextFile } from '../../corpus/text-file.js';
import type { Entry } from '../../engine.js';
import { Batch } from '../../entries/batch.js';
import { ContextEntries } from '../../entries/context-entries.js';
import { GROUP_END } from '../../grep/grep-output.js';
import { EVERY_LINE } from '../../grep/run-grep.js';
import { isCrSensitive, lineEndOf } from './cr-sensitivity.js';
import { isChainable } from './grep-chain.js';
import type { IndexedPortions } from './indexed-portions.js';
import { LineEntries } from './line-entries.js';
import { MatchCounter, type MatchCounts } from './match-counts.js';
import type { OpenDictionaries } from './open-dictionaries.js';
import { OpenDictionary, type Portion } from './open-dictionary.js';
import type { PortionGrep } from './portion-grep.js';
import { MatchingLines, noMatchingLines, readQuotes } from './quotes.js';
import type { SearchTask } from './search-task.js';

/** Known once all entries have been yielded. */
export interface EntryTotals {
  readonly nrOfEntries: number;
  readonly wasTruncated: boolean;
}

type Portions = AsyncGenerator<Portion, void, void>;

export type Entries = AsyncGenerator<Entry[], EntryTotals, void>;

export interface GrepEntriesOptions {
  /** Set if dictionaries can have an index. */
  indexed?: IndexedPortions | undefined;
  /** The maximum length of a line or quote, in UTF-16 code units. */
  lineLength: number;
}

/**
 * Once a page is full and the search isn't observed, further matches are only counted. Beyond this
 * many, a second grep with -c is quicker than reading on: on a text of 1 GB in which nearly all
 * lines match, it takes 1 s instead of 26 s with match markers.
 */
const MAX_RECORDS_BEYOND = 10_000;

export class GrepEntries {
  readonly #portionGrep: PortionGrep;
  readonly #matchCounter: MatchCounter;
  readonly #options: GrepEntriesOptions;

  constructor(portionGrep: PortionGrep, options: GrepEntriesOptions) {
    this.#portionGrep = portionGrep;
    this.#matchCounter = new MatchCounter(portionGrep);
    this.#options = options;
  }

  read(task: SearchTask): Entries {
    const { unit, format, n_before, n_after, observer } = task.query;
    if (unit === 'quote') return this.#quotes(task);
    const isPlain =
      format === 'text' && n_before + n_after === 0 && observer === undefined && isChainable(task.pattern);
    return isPlain ? this.#plainLines(task) : this.#lines(task);
  }

  /** Counts the lines that match and their matches, by path. */
  async count(task: SearchTask): Promise<MatchCounts> {
    const counts: MatchCounts = new Map();
    for await (const portion of this.#portions(task, { skip: () => {} })) {
      for (const [path, { entries, matches }] of await this.#matchCounter.count(task, portion)) {
        // An index can split a file into portions.
        const before = counts.get(path) ?? { entries: 0, matches: 0 };
        counts.set(path, { entries: before.entries + entries, matches: before.matches + matches });
      }
    }
    return counts;
  }

  /** The fast path for lines without context or location. */
  async *#plainLines(task: SearchTask): Entries {
    const lines = new LineEntries({
      selection: task.selection,
      maxLength: this.#options.lineLength,
      lineEnd: lineEndOf(task.pattern),
    });
    for await (const portion of this.#portions(task, lines)) {
      for await (const output of this.#portionGrep.output(task, portion, [])) {
        const entries = lines.read(output);
        if (entries.length > 0) yield entries;
      }
    }
    return lines;
  }

  async *#lines(task: SearchTask): Entries {
    const { n_before, n_after } = task.query;
    const context = ['-B', String(n_before), '-A', String(n_after)];
    const entries = this.#contextEntries(task);
    const options = { context, needsTexts: () => entries.needsTexts };
    const batch = Batch.ofEntries();
    for await (const portion of this.#portions(task, entries)) {
      const nrBefore = entries.nrOfEntries;
      let recordsBeyond = 0;
      for await (const records of this.#portionGrep.lines(task, portion, options)) {
        for (const record of records) {
          for (const entry of record === GROUP_END ? entries.end() : entries.take(record)) {
            batch.add(entry);
            if (batch.isFull) yield batch.flush();
          }
          if (!entries.needsTexts && !entries.isObserved) recordsBeyond += 1;
        }
        if (!batch.isEmpty) yield batch.flush();
        if (recordsBeyond > MAX_RECORDS_BEYOND && isChainable(task.pattern)) break;
      }
      for (const entry of entries.end()) {
        batch.add(entry);
        if (batch.isFull) yield batch.flush();
      }
      if (recordsBeyond > MAX_RECORDS_BEYOND && isChainable(task.pattern)) {
        entries.stopObserving();
        entries.nrOfEntries = nrBefore + (await this.#portionGrep.count(task, portion));
      }
    }
    if (!batch.isEmpty) yield batch.flush();
    return entries;
  }

  async *#quotes(task: SearchTask): Entries {
    const { dictionary, pattern, signal } = task;
    const { n_before, n_after } = task.query;
    const entries = this.#contextEntries(task);
    const options = { context: [], needsTexts: () => entries.needsTexts };
    const includesAll = pattern === EVERY_LINE;
    const batch = Batch.ofEntries();
    for await (const portion of this.#portions(task, entries)) {
      const matching = includesAll
        ? noMatchingLines()
        : new MatchingLines(this.#portionGrep.lines(task, portion, options));
      try {
        await matching.advance();
        for (const { file, lineInFile, endLine, open } of textsOf(portion, dictionary)) {
          matching.moveTo(file.path, endLine);
          if (!includesAll && matching.current === undefined) continue;
          const text = await open();
          try {
            const isFortune = await dictionary.has('fortune', text, signal);
            const quoteOptions = {
              file: file.path,
              lineInFile,
              isFortune,
              maxLength: this.#options.lineLength,
              onlyMatches: !includesAll && n_before + n_after === 0,
            };
            for await (const quote of readQuotes(text.read(signal), matching, quoteOptions)) {
              for (const entry of entries.take(includesAll ? { ...quote, isMatch: true } : quote)) batch.add(entry);
              if (batch.isFull) yield batch.flush();
              if (!includesAll && matching.current === undefined && !entries.isOpen) break;
            }
          } finally {
            if (text !== portion.text) text.close();
          }
          for (const entry of entries.end()) {
            batch.add(entry);
            if (batch.isFull) yield batch.flush();
          }
          // grep read more lines than the file has now.
          if (matching.current !== undefined) throw changedDictionaryError(task.query.dictionary);
        }
      } finally {
        await matching.close();
      }
    }
    if (!batch.isEmpty) yield batch.flush();
    return entries;
  }

  /** Yields the portions, and counts the entries before and after what each contains. */
  async *#portions(task: SearchTask, entries: { skip(entries: number): void }): Portions {
    for await (const portion of this.#unskippedPortions(task)) {
      entries.skip(portion.skipped?.before ?? 0);
      yield portion;
      entries.skip(portion.skipped?.after ?? 0);
    }
  }

  #unskippedPortions(task: SearchTask): Portions {
    const { dictionary, pattern, signal } = task;
    if (!(dictionary instanceof OpenDictionary)) return this.#portionsOfAll(task, dictionary);
    const { indexed } = this.#options;
    return indexed?.portions({ ...task, dictionary }) ?? dictionary.portions(isCrSensitive(pattern), signal);
  }

  async *#portionsOfAll(task: SearchTask, dictionaries: OpenDictionaries): Portions {
    // The page may be in any of them.
    const query = { ...task.query, offset: 0, nresults: 0 };
    for await (const dictionary of dictionaries.members()) {
      yield* this.#unskippedPortions({ ...task, query, dictionary });
    }
  }

  #contextEntries({ query: { n_before, n_after, format, observer }, selection }: SearchTask): ContextEntries {
    return new ContextEntries({ selection, n_before, n_after, format, observer, maxLength: this.#options.lineLength });
  }
}

/** A text to read quotes from: a file, or a part of one. */
interface QuoteText {
  file: DictionaryFile;
  /** The number of its first line in the file, counted from 1. */
  lineInFile: number;
  /** The number of the line after its last one, if that is known. */
  endLine: number;
  open: () => Promise<TextFile | SectionText> | TextFile | SectionText;
}

function textsOf({ files, text, sectioned }: Portion, dictionary: SearchTask['dictionary']): QuoteText[] {
  if (sectioned !== undefined) {
    return sectioned.sections.map(({ file, lineInFile, lines }, index) => ({
      file,
      lineInFile,
      endLine: lineInFile + lines,
      open: () => sectioned.textOf(index),
    }));
  }
  return files.map((file) => ({
    file,
    lineInFile: 1,
    endLine: Number.POSITIVE_INFINITY,
    open: () => text ?? dictionary.openText(file),
  }));
}
