// Counts the entries and matches of each file.
import { setMaxListeners } from 'node:events';
import type { Answer, EntryCount, EntryCounts, SearchEngine } from '../engine.js';
import { type Conditions, type FileCount, isPlain, type QueryTerm } from '../query.js';
import { everyEntry } from './find-entries.js';
import { forEachEntry } from './for-each-entry.js';

/** The number of files per batch. */
const BATCH_FILES = 500;

/** Needs memory in proportion to the files of the dictionary, not to the entries. */
export async function* countByFile(engine: SearchEngine, query: Conditions, signal: AbortSignal): Answer<FileCount> {
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  // As for a Deadline: there is a search for each term.
  setMaxListeners(0, either);
  try {
    // The first time, counting the words takes about as long as the search.
    const [{ files, summary }, words] = await Promise.all([
      countEntries(engine, query, either),
      engine.wordCounts(query.dictionary, either),
    ]);
    let batch: FileCount[] = [];
    for (const [file, { entries, matches }] of files) {
      batch.push({ file, entries, matches, per_million_words: perMillion(matches, words.get(file)) });
      if (batch.length < BATCH_FILES) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
    return summary;
  } finally {
    // If one fails, the other is no longer needed.
    stop.abort();
  }
}

async function countEntries(engine: SearchEngine, query: Conditions, signal: AbortSignal): Promise<EntryCounts> {
  const term = onlyTerm(query);
  const { dictionary, files, unit } = query;
  const isSimple = unit === 'line' && !query.ignore_marks && term !== undefined && isPlain(term);
  const counts = isSimple ? await engine.entryCounts({ dictionary, files, ...term }, signal) : undefined;
  return counts ?? countEach(everyEntry(engine, query, signal));
}

/** Returns `undefined` if there are several. */
function onlyTerm({ all_of, any_of, none_of }: Conditions): QueryTerm | undefined {
  return all_of.length + any_of.length === 1 && none_of.length === 0 ? (all_of[0] ?? any_of[0]) : undefined;
}

async function countEach(answer: ReturnType<typeof everyEntry>): Promise<EntryCounts> {
  const files = new Map<string, EntryCount>();
  const summary = await forEachEntry(answer, ({ file, matches }) => {
    const count = files.get(file) ?? { entries: 0, matches: 0 };
    files.set(file, count);
    count.entries += 1;
    count.matches += matches.length;
  });
  return { files, summary };
}

/** Returns 0 for a file without words, whose white space can match. */
function perMillion(matches: number, words = 0): number {
  return words === 0 ? 0 : Math.round((matches / words) * 1e8) / 100;
}
