// Finds the lines or quotes that meet the conditions of a query.
import type { Answer, EntryIn, EntryObject, Format, SearchEngine } from '../engine.js';
import { toText } from '../entries/context-entries.js';
import { createSelection } from '../entries/selection.js';
import { inFormat } from '../entries/typed-answer.js';
import { type Conditions, type FindQuery, toSearchQuery } from '../query.js';
import { planConditions } from './condition-plan.js';
import { entriesOfAny, entriesOfTerm } from './entries-of-term.js';
import { EntryCursor } from './entry-cursor.js';
import { type EntrySource, EVERY_ENTRY, entriesOfNoTerm } from './entry-source.js';
import { growingBatches } from './growing-batches.js';
import { joinEntries } from './join-entries.js';
import { toLineSearch } from './line-search.js';
import { mergeSummaries } from './merge-summaries.js';
import { ConditionVerifier } from './verify-conditions.js';

/** As in `QueryEngine`. */
export function findEntries<Some extends Format>(
  engine: SearchEngine,
  query: FindQuery & { format: Some },
  signal: AbortSignal,
): Answer<EntryIn<Some>> {
  const search = toSearchQuery(query) ?? toLineSearch(engine, query);
  if (search !== undefined) return engine.search(search, signal);
  return inFormat(query, selectEntries(engine, query, signal));
}

async function* selectEntries(engine: SearchEngine, query: FindQuery, signal: AbortSignal): Answer {
  const { n_before, n_after, format, observer } = query;
  const selection = createSelection(query);
  const options = { n_before, n_after, format: format === 'object' ? format : 'location' } as const;
  const entries = joinedEntries(engine, query, options, signal);
  let index = 0;
  try {
    for (;;) {
      const step = await entries.next();
      if (step.done) {
        yield* selection.flush();
        return step.value;
      }
      const selected = step.value.flatMap((entry) => {
        observer?.observe(entry.file, entry.line);
        const isIncluded = selection.mayInclude(index);
        index += 1;
        return isIncluded ? selection.take(index - 1, [format === 'text' ? toText(entry) : entry]) : [];
      });
      if (selected.length > 0) yield selected;
    }
  } finally {
    await entries.return({ nrOfEntries: index });
  }
}

/**
 * Returns all entries in file order, without context, each with the matches of all positive terms.
 */
export function everyEntry(engine: SearchEngine, query: Conditions, signal: AbortSignal): Answer<EntryObject> {
  return joinedEntries(engine, query, { n_before: 0, n_after: 0, format: 'object' }, signal);
}

async function* joinedEntries(
  engine: SearchEngine,
  conditions: Conditions,
  options: Pick<EntrySource, 'n_before' | 'n_after' | 'format'>,
  signal: AbortSignal,
): Answer<EntryObject> {
  const { dictionary, files, unit, join_hyphens, ignore_marks, all_of, any_of, none_of } = conditions;
  const source = { dictionary, files, unit, join_hyphens, ignore_marks, ...options };
  const [only] = all_of;
  if (only !== undefined && all_of.length + any_of.length + none_of.length === 1) {
    return yield* entriesOfTerm(engine, source, only, signal);
  }
  const search = toLineSearch(engine, { ...conditions, ...EVERY_ENTRY, ...options });
  if (search !== undefined) return yield* engine.search(search, signal);
  const toCursor = (answer: Answer<EntryObject>) => new EntryCursor(answer);
  const { joined, verified } = planConditions(conditions);
  const verifier = new ConditionVerifier(engine, source, verified);
  const hasPositive = joined.all_of.length + joined.any_of.length > 0;
  const withoutMatches = { ...source, n_before: 0, n_after: 0, format: 'location' } as const;
  const answers = {
    allOf: hasPositive
      ? joined.all_of.map((term) => toCursor(entriesOfTerm(engine, source, term, signal)))
      : [toCursor(entriesOfNoTerm(engine, source, signal))],
    anyOf: entriesOfAny(engine, source, joined.any_of, signal).map(toCursor),
    noneOf: entriesOfAny(engine, withoutMatches, joined.none_of, signal).map(toCursor),
  };
  const cursors = [...answers.allOf, ...answers.anyOf, ...answers.noneOf];
  let hasConflict = false;
  let nrOfEntries = 0;
  const version = await engine.version(dictionary);
  try {
    const candidates = joinEntries(answers, () => {
      hasConflict = true;
    });
    for await (const batch of growingBatches(candidates)) {
      const entries = await verifier.verify(batch, signal);
      nrOfEntries += entries.length;
      if (entries.length > 0) yield entries;
    }
    // Each reports whether one of its entries was truncated.
    await Promise.all([...answers.allOf, ...answers.anyOf].map((cursor) => cursor.drain()));
    const versionNow = await engine.version(dictionary);
    const isKnown = version !== undefined && versionNow !== undefined;
    if (hasConflict || (isKnown && version !== versionNow)) return { nrOfEntries, truncated: 'dictionary_changed' };
    const { truncated } = mergeSummaries(cursors.flatMap(({ summary }) => summary ?? []));
    return { nrOfEntries, ...(truncated !== undefined && { truncated }), ...(isKnown && { version }) };
  } finally {
    await Promise.all([verifier, ...cursors].map((each) => each.close()));
  }
}
