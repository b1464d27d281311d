// Searches a text that the cluster has: exactly where the cluster can tell, and else by what grep takes of its candidates.
import type { AllQuery, Answer, SearchQuery } from '../../../engine.js';
import { createSelection, type Selection } from '../../../entries/selection.js';
import { summaryOf } from '../../../entries/summary.js';
import { assertPattern, type FailureOptions, toGrepAppError } from '../../../grep/grep-failure.js';
import { type Grep, GrepError, type Pattern, patternOf } from '../../../grep/run-grep.js';
import { literalMatches } from '../../../pattern/literal-matches.js';
import { type LoadedText, linesOf, quotesOf, versionOf } from '../storage/manifest.js';
import { ClusterEntries, type EntriesOptions } from './cluster-entries.js';
import type { LineReader } from './line-reader.js';
import { type Conditions, conditionsOf, decidedMatches, exactMatches } from './matching-lines.js';

export interface TextSearchOptions extends FailureOptions {
  reader: LineReader;
  grep: Grep;
  /** The longest line or quote that is given, in UTF-16 code units. */
  lineLength: number;
}

/** Up to here the cluster is asked for the first of what it finds and how many there are, and otherwise for all. */
const MAX_FIRST = 20_000;

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
      if (text.files.every(({ lines }) => lines === 0)) await assertPattern(asking, this.#options);
      const conditions = conditionsOf(query);
      // What is not UTF-8 is shown as U+FFFD: only grep can tell it from a U+FFFD that stands in the text.
      const isTold = conditions.isExact && !(query.format === 'object' && query.term.includes('\ufffd'));
      if (isTold) return yield* this.#exact(query, text, conditions, signal);
      return yield* this.#decided(query, text, conditions, pattern, signal);
    } catch (error) {
      throw error instanceof GrepError ? ((await toGrepAppError(error, asking, this.#options)) ?? error) : error;
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
    yield* selection.flush();
    return summaryOf({ nrOfEntries, wasTruncated: entries.wasTruncated }, { version: versionOf(text) });
  }

  /** Those that the cluster finds: their number and the first of them, or all. */
  async *#exact(query: SearchQuery, text: LoadedText, conditions: Conditions, signal: AbortSignal): Answer {
    const { reader, lineLength } = this.#options;
    const { unit, order, nresults, offset } = query;
    const lines = {
      generation: text.generation,
      indexed: conditions.indexed,
      where: [...within(text), ...conditions.others, ...(unit === 'quote' ? ['quote % 2 = 0'] : [])],
    };
    const selection = createSelection(query);
    const entries = this.#entries(query, text, selection, signal);
    if (order === 'file' && nresults > 0 && offset + nresults <= MAX_FIRST) {
      const { count, numbers } = await reader.first(unit, offset + nresults, lines, signal);
      const page = numbers.slice(offset).map((number) => (unit === 'quote' ? number / 2 : number));
      const mark = query.format === 'object' ? (line: string) => literalMatches(query.term, line) : () => [];
      yield* entries.numbered(page, offset, mark);
      return summaryOf({ nrOfEntries: count, wasTruncated: entries.wasTruncated }, { version: versionOf(text) });
    }
    const withText = unit === 'line' && query.n_before + query.n_after === 0;
    const matches = exactMatches({ reader, query, lineLength, signal, lines, withText });
    const nrOfEntries = yield* entries.of(matches);
    yield* selection.flush();
    return summaryOf({ nrOfEntries, wasTruncated: entries.wasTruncated }, { version: versionOf(text) });
  }

  /** Those of the cluster's candidates that grep takes. */
  async *#decided(
    query: SearchQuery,
    text: LoadedText,
    conditions: Conditions,
    pattern: Pattern,
    signal: AbortSignal,
  ): Answer {
    const selection = createSelection(query);
    const entries = this.#entries(query, text, selection, signal);
    const { indexed, others } = conditions;
    const lines = { generation: text.generation, indexed, where: [...within(text), ...others] };
    const everyLine = indexed.length + others.length === 0 ? linesOf(text) : undefined;
    const options = { ...this.#options, query, lines, everyLine, pattern, signal, withText: true };
    const matches = decidedMatches(options);
    const nrOfEntries = yield* entries.of(matches);
    yield* selection.flush();
    return summaryOf({ nrOfEntries, wasTruncated: entries.wasTruncated }, { version: versionOf(text) });
  }

  #entries(
    query: EntriesOptions['query'],
    text: LoadedText,
    selection: Selection,
    signal: AbortSignal,
  ): ClusterEntries {
    const { reader, lineLength } = this.#options;
    const bytesBeyond = 'term' in query ? Buffer.byteLength(String(query.term)) : 0;
    return new ClusterEntries({ query, text, selection, reader, lineLength, signal, bytesBeyond });
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
