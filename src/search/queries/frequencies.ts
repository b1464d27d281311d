// Counts distinct texts: the matches, or the words beside them.
import type { Answer, SearchEngine } from '../engine.js';
import type { Frequency, FrequencyQuery } from '../query.js';
import { findWordsAfter, findWordsBefore } from './collocates.js';
import { everyEntry } from './find-entries.js';
import { forEachEntry } from './for-each-entry.js';
import { inBatches } from './frequency-batches.js';
import { logLikelihood } from './log-likelihood.js';
import { mergeSummaries } from './merge-summaries.js';
import { TEXT_LIMITS, TextCounts } from './text-counts.js';
import { countWords, type WordFrequencies } from './word-frequencies.js';

/** As in `QueryEngine`. */
export async function* countTexts(
  engine: SearchEngine,
  query: FrequencyQuery,
  signal: AbortSignal,
  limits = TEXT_LIMITS,
): Answer<Frequency> {
  const { by, distance, fold_case, nresults, offset } = query;
  const counts = new TextCounts(limits);
  const isPhrase = [...query.all_of, ...query.any_of].some(({ syntax }) => syntax === 'phrase');
  const searched = await forEachEntry(everyEntry(engine, query, signal), (entry) => {
    // A match of a phrase may continue on another line.
    const text = by === undefined && isPhrase ? entry.text.replaceAll('\n', ' ') : entry.text;
    const add = fold_case
      ? (start: number, end: number) => counts.add(text.slice(start, end).toLowerCase())
      : (start: number, end: number) => counts.add(text, start, end);
    if (by === 'left') findWordsBefore(entry, distance, add);
    else if (by === 'right') findWordsAfter(entry, distance, add);
    else for (const [start, end] of entry.matches) add(start, end);
  });
  const ends = [searched, ...(counts.wasTruncated ? [{ ...searched, truncated: 'distinct_texts' as const }] : [])];
  const order = await counts.order(signal);
  const page = order.slice(offset, nresults > 0 ? offset + nresults : order.length);
  if (by === undefined || page.length === 0) yield* inBatches(page, (index) => frequencyAt(index, counts));
  else {
    const words = await countWords(engine, query, counts.table, signal);
    ends.push(words.summary);
    yield* inBatches(page, (index) => collocateAt(index, counts, words));
  }
  return { nrOfEntries: order.length, ...mergeSummaries(ends) };
}

function frequencyAt(index: number, counts: TextCounts): Frequency {
  return { text: counts.table.textAt(index), count: counts.countAt(index) };
}

/** @param counts the words beside the matches */
function collocateAt(index: number, counts: TextCounts, words: WordFrequencies): Frequency {
  const count = counts.countAt(index);
  const positions = counts.total;
  // Words can be missing in the dictionary only if it changed since they were found.
  const frequency = Math.max(count, words.frequencies[index] as number);
  const total = Math.max(words.total, positions + frequency - count);
  const log_likelihood = logLikelihood({ count, positions, frequency, words: total });
  return { ...frequencyAt(index, counts), log_likelihood };
}
