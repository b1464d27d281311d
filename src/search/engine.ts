// What every search engine does: the interface between the routes and whatever finds the lines.

/** How a term is read: as it stands, as a whole word, as a POSIX extended regular expression. */
export type Syntax = 'literal' | 'word' | 'regex';

/** What an entry is: a line, or a whole quote. */
export type Unit = 'line' | 'quote';

export interface AllQuery {
  /** Which dictionary. Without a name: the default one. */
  dictionary?: string | undefined;
  /** Most entries to give; 0 or less means all. */
  nresults: number;
  /** Entries to pass over first, in the order in which they are given. */
  offset: number;
  unit: Unit;
  /** As in the files, or at random: then the first `offset + nresults` of an order that `seed` decides. */
  order: 'file' | 'random';
  /** A safe integer. The same seed gives the same order, as long as the dictionary stays the same; without one each call has its own. */
  seed?: number | undefined;
  /** `location`: as `object`, but nobody asks what in the texts matches, which takes time to tell. */
  format: 'text' | 'object' | 'location';
}

export interface SearchQuery extends AllQuery {
  /** Well-formed Unicode without NUL or line break. */
  term: string;
  syntax: Syntax;
  ignore_case: boolean;
  /** Context to give before and after each match: in lines, or in quotes where these are the unit. */
  n_before: number;
  n_after: number;
}

/** What a listing of a folder may ask of ls(1). */
export const listOptions = ['-l', '-a', '-t', '-S', '-r', '-R', '-h', '-1'] as const;

export interface ListQuery {
  /** The folder's name, as a dictionary's. Empty: the folder of all dictionaries. */
  folder: string;
  /** A glob (glob(7)) that the names must match, those of folders too. */
  filter?: string | undefined;
  options: readonly (typeof listOptions)[number][];
}

/** An entry in the format `object`. */
export interface EntryObject {
  /** The path of the file: itself the name of a dictionary. */
  file: string;
  /** Where the entry begins: its number, counted from 1. */
  line: number;
  text: string;
  /** The context, a line or a quote an element. */
  before: string[];
  after: string[];
  /** Where the term matches: start and end in `text`, in UTF-16 code units. Empty matches are not among them, and none in the format `location`. */
  matches: [start: number, end: number][];
}

/** In the format `text` a string, in the others an object. */
export type Entry = string | EntryObject;

/** How long the texts of an entry are together, in UTF-16 code units; a match counts for what its offsets take in JSON. */
export function lengthOf(entry: Entry): number {
  if (typeof entry === 'string') return entry.length;
  const texts = [entry.file, entry.text, ...entry.before, ...entry.after];
  return texts.reduce((sum, text) => sum + text.length, 16 * entry.matches.length);
}

/**
 * Why an answer that has come to its end is not whole: lines, quotes or contexts were cut to the longest that is given, or the
 * dictionary was changed while it was searched, and the answer may be from before, from after or from both, or a folder within the
 * one that was listed may not be read.
 */
export type Truncation = 'line_length' | 'dictionary_changed' | 'unreadable_folder';

/** Known at the end only: an engine need not have seen the whole dictionary before it gives the first entries. */
export interface Summary {
  /** How many entries match in the whole dictionary, however many were given. */
  nrOfEntries: number;
  truncated?: Truncation | undefined;
  /** The version of the dictionary that all of the answer is from: what `version` says as long as it stays the same. Only where that is sure. */
  version?: string | undefined;
}

/**
 * The entries, in batches of the engine's choosing, then the summary. Work is done while the reader asks for more, so a
 * slow reader slows the engine down; a reader that leaves early must call `return()`.
 */
export type Answer = AsyncGenerator<Entry[], Summary, void>;

export interface Dictionary {
  name: string;
  files: number;
  bytes: number;
  /** When it last changed: RFC 3339, UTC. */
  modified: string;
  /** The same wherever the same files are, as far as their paths, sizes and times of modification tell. `computeFingerprint` makes it of them. */
  version: string;
}

/** A file of a dictionary. */
export interface ListedFile {
  /** Its path: itself the name of a dictionary. */
  file: string;
  /** Its size, packed where it is packed. */
  bytes: number;
}

export interface DictionaryList {
  /** The name of the default dictionary, if there is one. It stays the same, even if the dictionary is removed. */
  default?: string;
  dictionaries: Dictionary[];
}

/**
 * Every engine gives the same answer to the same query:
 *
 * - A line comes without its line end (`\n` or `\r\n`), which a term never matches either. A quote is the lines between blank
 *   lines; in a file that has a line of `%` alone (the fortune format), the lines between such lines. Its lines are joined by `\n`.
 * - An entry is one line or quote, or a matching one with its context: what stands before it, itself and what stands after
 *   it, joined by `\n`. Each matching one is an entry of its own, also where contexts overlap, and whatever matches twice in
 *   it is one entry. Entries come in file order unless asked otherwise; in a folder, files come in byte order of their path,
 *   and context stays within a file.
 * - A byte order mark at the beginning of a file is not part of its text: nothing matches it, and the
 *   first line begins after it. Anywhere else U+FEFF is a character like any other.
 * - What matches is what GNU grep matches in UTF-8. Bytes that are not UTF-8 match nothing and come as U+FFFD.
 * - No match is an empty answer, not an error.
 * - A listing is what ls(1) prints in the C locale, a line an entry, but a name is one entry also where it has line breaks. What no
 *   dictionary may be is not in it; hidden files are with `-a` only, `.` and `..` never; nor does it say where a link leads.
 * - Failures are AppErrors: `unknown_dictionary`, `unreadable_dictionary`, `damaged_dictionary`, `dictionary_changed`,
 *   `invalid_request` where the term is no regular expression, `search_memory`, `search_timeout`, `too_busy`, `engine_unavailable`; of a listing `unknown_folder`,
 *   `unreadable_folder`, `not_a_folder`.
 * - An aborted signal ends the work behind the call; the answer then throws the signal's reason.
 */
export interface SearchEngine {
  /** The lines or quotes that match the term. */
  search(query: SearchQuery, signal: AbortSignal): Answer;
  /** Every line or quote. */
  all(query: AllQuery, signal: AbortSignal): Answer;
  /** The names in a folder. */
  list(query: ListQuery, signal: AbortSignal): Answer;
  /** The files of a dictionary, in the order in which they are searched. Throws as a search does, but reads none of them. */
  files(dictionary: string | undefined, signal: AbortSignal): Promise<readonly ListedFile[]>;
  /** How many lines each file of a dictionary has, by its path. Throws as a search does. */
  lineCounts(dictionary: string | undefined, signal: AbortSignal): Promise<ReadonlyMap<string, number>>;
  /**
   * Another one whenever the dictionary has changed in any way: not for people. Nothing where it can't be told. Throws as a search does. At once where it
   * takes less time to find out than to wait.
   */
  version(dictionary: string | undefined): Promise<string | undefined> | string | undefined;
  /** Whether reading the dictionary takes long, as far as that is known without looking for it. */
  isLarge(dictionary: string | undefined): boolean;
  /** Lists the searchable dictionaries in byte order of their names. Callers may share the list. */
  dictionaries(signal: AbortSignal): Promise<DictionaryList>;
  /** Throws `engine_unavailable` where nothing can be searched just now. */
  check(): Promise<void>;
  /**
   * Ends the engine's processes and connections. New calls fail with `engine_unavailable`; those in flight are waited for, so
   * abort their signals to close sooner. Later calls of `close` return when the first one does.
   */
  close(): Promise<void>;
}

/** The whole of an answer at once, but for the version: for answers that are known to be small, or are made small entry by entry. */
export async function collect<To = Entry>(
  answer: Answer,
  each: (entry: Entry) => To = (entry) => entry as To,
): Promise<Summary & { entries: To[] }> {
  const entries: To[] = [];
  for (;;) {
    const step = await answer.next();
    if (step.done) {
      const { version: _, ...summary } = step.value;
      return { ...summary, entries };
    }
    for (const entry of step.value) entries.push(each(entry));
  }
}
