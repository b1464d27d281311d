// Searches a loaded text, by exact SQL conditions if possible, otherwise by grep over candidates.
import { TimeSlice } from '../../../../concurrency/time-slice.js';
import { AppError } from '../../../../errors.js';
import type { AllQuery, Answer, EntryObject, MatchObserver, SearchQuery, Summary } from '../../../engine.js';
import { createSelection, type Selection } from '../../../entries/selection.js';
import { summaryOf } from '../../../entries/summary.js';
import { assertPattern, type FailureOptions, toGrepAppError } from '../../../grep/grep-failure.js';
import { type Grep, GrepError, type Pattern, patternOf } from '../../../grep/run-grep.js';
import { literalMatches } from '../../../pattern/literal-matches.js';
import { countOf, type LoadedText, rangesOf, type SelectedText, sliceRanges, versionOf } from '../storage/manifest.js';
import { decodeQuote, IS_IN_QUOTE } from '../storage/quote-column.js';
import { ClusterEntries, type EntriesOptions } from './cluster-entries.js';
import { type Conditions, createConditions } from './conditions.js';
import type { LineReader } from './line-reader.js';
import { exactMatches, grepMatches } from './matching-lines.js';

export interface TextSearchOptions extends FailureOptions {
  reader: LineReader;
  grep: Grep;
  /** The maximum length of a line or a quote, in UTF-16 code units. */
  lineLength: number;
}

/** Up to this many, a query for the count and the first matches is faster than one for all. */
const MAX_FIRST = 20_000;

export class TextSearch {
  readonly #options: TextSearchOptions;

  constructor(options: TextSearchOptions) {
    this.#options = options;
  }

  /** Returns the lines or quotes that match. Locates all of them in a second search if need be. */
  async *search({ observer, ...query }: SearchQuery, text: SelectedText, signal: AbortSignal): Answer {
    if (observer === undefined) return yield* this.#search(query, text, signal);
    const stop = new AbortController();
    const observing = this.#observe(query, text, observer, AbortSignal.any([signal, observer.signal, stop.signal]));
    // Awaited below, unless the search fails first.
    observing.catch(() => {});
    try {
      const summary = yield* this.#search(query, text, signal);
      await observing;
      return summary;
    } finally {
      stop.abort();
      await observing.catch(() => {});
    }
  }

  async #observe(query: SearchQuery, text: SelectedText, observer: MatchObserver, signal: AbortSignal): Promise<void> {
    const everyMatch = { nresults: 0, offset: 0, order: 'file', format: 'location', n_before: 0, n_after: 0 } as const;
    const slice = new TimeSlice();
    try {
      for await (const entries of this.#search({ ...query, ...everyMatch }, text, signal)) {
        for (const { file, line } of entries as EntryObject[]) {
          if (signal.aborted) return;
          observer.observe(file, line);
        }
        if (slice.isExpired) await slice.yieldToEventLoop();
      }
    } catch (error) {
      // The search itself may succeed.
      if (!signal.aborted && !(error instanceof AppError)) throw error;
    }
  }

  async *#search(query: SearchQuery, text: SelectedText, signal: AbortSignal): Answer {
    const pattern = patternOf(query);
    const grepRequest = { pattern, signal };
    try {
      if (text.selected.every(({ lines }) => lines === 0)) await assertPattern(grepRequest, this.#options);
      const conditions = createConditions(query);
      // Invalid UTF-8 decodes to U+FFFD, so only grep can locate matches of a real U+FFFD.
      const isExact = conditions.isExact && !(query.format === 'object' && query.term.includes('\ufffd'));
      if (isExact) return yield* this.#exact(query, text, conditions, signal);
      return yield* this.#withGrep(query, text, conditions, pattern, signal);
    } catch (error) {
      throw error instanceof GrepError ? ((await toGrepAppError(error, grepRequest, this.#options)) ?? error) : error;
    }
  }

  /** Returns every line or quote. */
  async *all(query: AllQuery, text: SelectedText, signal: AbortSignal): Answer {
    const ranges = rangesOf(text.selected, query.unit);
    const nrOfEntries = countOf(ranges);
    const [start, end] = pageOf(query, nrOfEntries);
    const selection = createSelection(query);
    const entries = this.#entries({ ...query, n_before: 0, n_after: 0 }, text, selection, signal);
    yield* entries.all(sliceRanges(ranges, start, end), start);
    yield* selection.flush();
    return summarize(nrOfEntries, entries, text);
  }

  /** Searches with exact conditions. */
  async *#exact(query: SearchQuery, text: SelectedText, conditions: Conditions, signal: AbortSignal): Answer {
    const { reader, lineLength } = this.#options;
    const { unit, order, nresults, offset } = query;
    const lines = {
      generation: text.generation,
      ranges: rangesOf(text.selected, 'line'),
      indexed: conditions.indexed,
      where: [...conditions.others, ...(unit === 'quote' ? [IS_IN_QUOTE] : [])],
    };
    const selection = createSelection(query);
    const entries = this.#entries(query, text, selection, signal);
    if (order === 'file' && nresults > 0 && offset + nresults <= MAX_FIRST) {
      const { count, numbers } = await reader.first(unit, offset + nresults, lines, signal);
      const page = numbers.slice(offset).map((number) => (unit === 'quote' ? (decodeQuote(number) as number) : number));
      const findInText = query.format === 'object' ? (line: string) => literalMatches(query.term, line) : () => [];
      yield* entries.byNumber(page, offset, findInText);
      return summarize(count, entries, text);
    }
    const withText = unit === 'line' && query.n_before + query.n_after === 0;
    const matches = exactMatches({ reader, query, lineLength, signal, lines, withText });
    const nrOfEntries = yield* entries.fromMatches(matches);
    yield* selection.flush();
    return summarize(nrOfEntries, entries, text);
  }

  /** Lets grep decide which candidates match. */
  async *#withGrep(
    query: SearchQuery,
    text: SelectedText,
    conditions: Conditions,
    pattern: Pattern,
    signal: AbortSignal,
  ): Answer {
    const selection = createSelection(query);
    const entries = this.#entries(query, text, selection, signal);
    const { indexed, others } = conditions;
    const ranges = rangesOf(text.selected, 'line');
    const lines = { generation: text.generation, ranges, indexed, where: others };
    const everyLine = indexed.length + others.length === 0 && ranges.length === 1 ? ranges[0] : undefined;
    const options = { ...this.#options, query, lines, everyLine, pattern, signal, withText: true };
    const matches = grepMatches(options);
    const nrOfEntries = yield* entries.fromMatches(matches);
    yield* selection.flush();
    return summarize(nrOfEntries, entries, text);
  }

  #entries(
    query: EntriesOptions['query'],
    text: LoadedText,
    selection: Selection,
    signal: AbortSignal,
  ): ClusterEntries {
    const { reader, lineLength } = this.#options;
    const extraBytes = 'term' in query ? Buffer.byteLength(String(query.term)) : 0;
    return new ClusterEntries({ query, text, selection, reader, lineLength, signal, extraBytes });
  }
}

/** Returns the range of indexes of the entries that may be returned. */
function pageOf({ order, offset, nresults }: AllQuery, nrOfEntries: number): [start: number, end: number] {
  if (order === 'random') return [0, nrOfEntries];
  return [Math.min(offset, nrOfEntries), nresults > 0 ? Math.min(offset + nresults, nrOfEntries) : nrOfEntries];
}

function summarize(nrOfEntries: number, { wasTruncated }: ClusterEntries, text: LoadedText): Summary {
  return summaryOf({ nrOfEntries, wasTruncated }, { version: versionOf(text) });
}
