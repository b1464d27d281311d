// Searches a text that the cluster has: exactly where the cluster can tell, and else by what grep takes of its candidates.
import type { AllQuery, Answer, SearchQuery, Summary } from '../engine.js';
import { checkPattern, explainFailure, type FailureOptions } from '../grep/explain-failure.js';
import { type Grep, GrepFailed, type Pattern, patternOf } from '../grep/run-grep.js';
import { createSelection, type Selection } from '../selection.js';
import { ClusterEntries, type EntriesOptions } from './cluster-entries.js';
import type { LineQuery, LineReader } from './line-query.js';
import { type LoadedText, linesOf, quotesOf, versionOf } from './manifest.js';
import { conditionsOf, decidedMatches, exactMatches } from './matches.js';

export interface TextSearchOptions extends FailureOptions {
  reader: LineReader;
  grep: Grep;
  /** The longest line or quote that is given, in UTF-16 code units. */
  lineLength: number;
}

/** Up to here the cluster is asked for a page of what it finds, and otherwise for all. */
const MOST_PAGE = 10_000;

export class TextSearch {
  readonly #options: TextSearchOptions;

  constructor(options: TextSearchOptions) {
    this.#options = options;
  }

  /** The lines or quotes that match. */
  async *search(query: SearchQuery, text: LoadedText, signal: AbortSignal): Answer {
    const pattern = patternOf(query);
    const asking = { pattern, signal };
    try {
      if (text.files.every(({ lines }) => lines === 0)) await checkPattern(asking, this.#options);
      const { conditions, isExact } = conditionsOf(query);
      // What is not UTF-8 is shown as U+FFFD: only grep can tell it from a U+FFFD that stands in the text.
      const isTold = isExact && !(query.format === 'object' && query.term.includes('\ufffd'));
      if (isTold) return yield* this.#exact(query, text, conditions, signal);
      return yield* this.#decided(query, text, conditions, pattern, signal);
    } catch (error) {
      throw error instanceof GrepFailed ? ((await explainFailure(error, asking, this.#options)) ?? error) : error;
    }
  }

  /** Every line or quote. */
  async *all(query: AllQuery, text: LoadedText, signal: AbortSignal): Answer {
    const [first, last] = query.unit === 'quote' ? quotesOf(text) : linesOf(text);
    const nrOfEntries = last - first + 1;
    const [from, to] = pageOf(query, nrOfEntries);
    const selection = createSelection(query);
    const entries = this.#entries({ ...query, n_before: 0, n_after: 0 }, text, selection, signal);
    yield* entries.all(from, to);
    yield* selection.rest();
    return summaryOf(nrOfEntries, entries, text);
  }

  /** Those that the cluster finds: a page of them and their number, or all. */
  async *#exact(query: SearchQuery, text: LoadedText, conditions: string[], signal: AbortSignal): Answer {
    const isQuote = query.unit === 'quote';
    const lines = {
      generation: text.generation,
      where: [...within(text), ...conditions, ...(isQuote ? ['quote % 2 = 0'] : [])],
    };
    const selection = createSelection(query);
    const entries = this.#entries(query, text, selection, signal);
    const isPage = query.order === 'file' && query.nresults > 0 && query.nresults <= MOST_PAGE;
    const { reader, lineLength } = this.#options;
    const options = { reader, query, lineLength, signal };
    const withText = !isQuote && query.n_before + query.n_after === 0;
    if (!isPage) {
      const nrOfEntries = yield* entries.of(exactMatches({ ...options, lines, withText }), 0);
      yield* selection.rest();
      return summaryOf(nrOfEntries, entries, text);
    }
    const limit = { rows: query.nresults, offset: query.offset };
    // They are counted while they are looked for.
    const counting = reader.numbers([isQuote ? 'uniqExact(quote)' : 'count()'], lines, signal);
    counting.catch(() => {});
    const page = isQuote ? await this.#quotesOf({ ...lines, limit }, signal) : { ...lines, limit };
    if (page !== undefined) yield* entries.of(exactMatches({ ...options, lines: page, withText }), query.offset);
    const [nrOfEntries = 0] = await counting;
    return summaryOf(nrOfEntries, entries, text);
  }

  /** The lines of a page of quotes that have such lines. Nothing where there are none. */
  async #quotesOf(lines: LineQuery, signal: AbortSignal): Promise<LineQuery | undefined> {
    const quotes = await this.#options.reader.quotes(lines, signal);
    if (quotes.length === 0) return undefined;
    return { generation: lines.generation, where: [...lines.where, `quote IN (${quotes.join(', ')})`] };
  }

  /** Those of the cluster's candidates that grep takes. */
  async *#decided(
    query: SearchQuery,
    text: LoadedText,
    conditions: string[],
    pattern: Pattern,
    signal: AbortSignal,
  ): Answer {
    const selection = createSelection(query);
    const entries = this.#entries(query, text, selection, signal);
    const lines = { generation: text.generation, where: [...within(text), ...conditions] };
    const everyLine = conditions.length === 0 ? linesOf(text) : undefined;
    const options = { ...this.#options, query, lines, everyLine, pattern, signal, withText: true };
    const matches = decidedMatches(options);
    const nrOfEntries = yield* entries.of(matches, 0);
    yield* selection.rest();
    return summaryOf(nrOfEntries, entries, text);
  }

  #entries(
    query: EntriesOptions['query'],
    text: LoadedText,
    selection: Selection,
    signal: AbortSignal,
  ): ClusterEntries {
    const { reader, lineLength } = this.#options;
    return new ClusterEntries({ query, text, selection, reader, lineLength, signal });
  }
}

/** Which entries can be given, where it is known how many there are: from which index to before which. */
function pageOf({ order, offset, nresults }: AllQuery, nrOfEntries: number): [from: number, to: number] {
  if (order === 'random') return [0, nrOfEntries];
  return [Math.min(offset, nrOfEntries), nresults > 0 ? Math.min(offset + nresults, nrOfEntries) : nrOfEntries];
}

function within(text: LoadedText): string[] {
  const [first, last] = linesOf(text);
  return [`line BETWEEN ${first} AND ${last}`];
}

function summaryOf(nrOfEntries: number, { wasCut }: ClusterEntries, text: LoadedText): Summary {
  return { nrOfEntries, ...(wasCut && { truncated: 'line_length' }), version: versionOf(text) };
}
