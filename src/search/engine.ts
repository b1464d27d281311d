// What every search engine does: the interface between the routes and whatever finds the lines.

/** Which dictionary. Without a name: the default one. */
export interface AllQuery {
  dictionary?: string;
  /** Most entries to give; 0 or less means all. */
  nresults: number;
}

export interface SearchQuery extends AllQuery {
  /** Literal text, compared case-sensitively: well-formed Unicode without NUL or line break. */
  term: string;
  /** Lines of context to give before and after each matching line. */
  n_before: number;
  n_after: number;
}

/** Known at the end only: an engine need not have seen the whole dictionary before it gives the first entries. */
export interface Summary {
  /** How many entries match in the whole dictionary, however many were given. */
  nrOfEntries: number;
}

/**
 * The entries, in batches of the engine's choosing, then the summary. Work is done while the reader asks for more, so a
 * slow reader slows the engine down; a reader that leaves early must call `return()`.
 */
export type Answer = AsyncGenerator<string[], Summary, void>;

export interface Dictionary {
  name: string;
  files: number;
  bytes: number;
  /** When it last changed: RFC 3339, UTC. */
  modified: string;
}

export interface DictionaryList {
  /** The name of the default dictionary, where there is one. */
  default?: string;
  dictionaries: Dictionary[];
}

/**
 * Every engine gives the same answer to the same query:
 *
 * - An entry is one line without its line end (`\n` or `\r\n`), or one match with its context: the lines before it, itself
 *   and the lines after it, joined by `\n`. Each match is an entry of its own, also where contexts overlap.
 * - Entries come in file order; in a folder, files come in byte order of their path, and context stays within a file.
 * - Bytes that are not UTF-8 come as U+FFFD. No match is an empty answer, not an error.
 * - Failures are AppErrors: `unknown_dictionary`, `unreadable_dictionary`, `dictionary_changed`, `too_busy`.
 * - An aborted signal ends the work behind the call; the answer then throws the signal's reason.
 */
export interface SearchEngine {
  /** The lines that hold the term. */
  search(query: SearchQuery, signal: AbortSignal): Answer;
  /** Every line. */
  all(query: AllQuery, signal: AbortSignal): Answer;
  /** The dictionaries that can be searched, in byte order of their names. */
  dictionaries(): Promise<DictionaryList>;
}

/** The whole of an answer at once: for answers that are known to be small. */
export async function collect(answer: Answer): Promise<Summary & { entries: string[] }> {
  const entries: string[] = [];
  for (;;) {
    const step = await answer.next();
    if (step.done) return { ...step.value, entries };
    entries.push(...step.value);
  }
}
