// The interface of the search engines, which the routes call and every engine and wrapper
// implements.

/**
 * How to read a term: as literal text, as whole words, or as a POSIX extended regular expression.
 */
export type Syntax = 'literal' | 'word' | 'regex';

/** What an entry is: a line, or a whole quote. */
export type Unit = 'line' | 'quote';

export interface AllQuery {
  /** Selects the dictionaries, as `selectorOf` does. Defaults to the default dictionary. */
  dictionary?: string | undefined;
  /** Globs for the paths of the files to read, as in createFileFilter. Defaults to all files. */
  files?: readonly string[] | undefined;
  /** The maximum number of entries; 0 or less means all. */
  nresults: number;
  /** The number of entries to skip, in the requested order. */
  offset: number;
  unit: Unit;
  /** File order, or a random order that depends on `seed`. */
  order: 'file' | 'random';
  /**
   * A safe integer. The same seed gives the same order as long as the dictionary doesn't change.
   * Without a seed, each call has its own order.
   */
  seed?: number | undefined;
  /** `location` is `object` without `matches`, which take time to compute. */
  format: 'text' | 'object' | 'location';
}

/** What to search for, and how to read it. */
export interface Term {
  /** Well-formed Unicode without NUL or line breaks. */
  term: string;
  syntax: Syntax;
  ignore_case: boolean;
  /** The name of the request's field that it comes from, for messages. Defaults to `term`. */
  field?: string | undefined;
}

/** Groups the terms that one grep can search for. */
export function termsReadAlike(terms: readonly Term[]): Term[][] {
  const groups = new Map<string, Term[]>();
  for (const term of terms) {
    const key = `${term.syntax} ${term.ignore_case}`;
    groups.set(key, [...(groups.get(key) ?? []), term]);
  }
  return [...groups.values()];
}

/** A condition on lines that match a term. */
export interface LineCondition {
  /** A line must match one of them, or none of them if `isNegated`. */
  terms: readonly Term[];
  isNegated: boolean;
}

/** What else entries must match. Set by grepd itself, if the engine `combinesTerms`. */
export interface LineConditions {
  /** Further terms with the same options as `term`: an entry must match one of all these. */
  alternatives?: readonly string[] | undefined;
  /** For the unit `line`: whether to select the lines that match none of the terms instead. */
  isInverted?: boolean | undefined;
  /** For the unit `line`. */
  conditions?: readonly LineCondition[] | undefined;
}

export interface SearchQuery extends AllQuery, Term, LineConditions {
  /** The context before and after each match, in lines or quotes as `unit` says. */
  n_before: number;
  n_after: number;
  /** Set by grepd itself, never by a request. Doesn't affect the answer. */
  observer?: MatchObserver | undefined;
}

/**
 * Receives the location of every match of a search, whether or not the match is among the returned
 * entries. Every engine calls it alike:
 *
 * - It is called once for each entry that the summary counts, with the entry's `file` and `line`,
 *   in file order whatever the `order` of the query, and never after the answer has ended.
 * - Once `signal` aborts, the engine may omit the remaining matches, from any match on. That
 *   doesn't end the search: the answer, including its count, is as without an observer.
 * - An engine that fails to locate the matches, but can answer the search, omits them likewise. So
 *   all matches were observed if and only if their number equals `nrOfEntries`.
 */
export interface MatchObserver {
  /** Aborts when no further matches are needed. */
  readonly signal: AbortSignal;
  /** Must not throw. */
  observe(file: string, line: number): void;
}

/** The options of ls(1) that a listing accepts. */
export const LIST_OPTIONS = ['-l', '-a', '-t', '-S', '-r', '-R', '-h', '-1'] as const;

export interface ListQuery {
  /** The name of the folder, relative to the dictionaries folder. Empty for that folder itself. */
  folder: string;
  /** A glob (glob(7)) that the names must match, including those of folders. */
  filter?: string | undefined;
  options: readonly (typeof LIST_OPTIONS)[number][];
  /**
   * Whether a name directly in the dictionaries folder exists for the caller. Set by grepd itself.
   * Without it, all do.
   */
  isVisible?: ((name: string) => boolean) | undefined;
}

/** Where a term matches in a text: start and end in UTF-16 code units. */
export type Match = [start: number, end: number];

/** An entry in the formats `object` and `location`. */
export interface EntryObject {
  /** The path of the file, which is also the name of a dictionary. */
  file: string;
  /** The number of the entry's first line in the file, counted from 1. */
  line: number;
  text: string;
  /** The context, one element per line or quote. */
  before: string[];
  after: string[];
  /**
   * Where the term matches: start and end in `text`, in UTF-16 code units. Without empty matches.
   * Empty in the format `location`.
   */
  matches: Match[];
}

/** A string in the format `text`, otherwise an object. */
export type Entry = string | EntryObject;

export type Format = AllQuery['format'];

/** The type of the entries in a format. */
export type EntryIn<Some extends Format> = Some extends 'text' ? string : EntryObject;

/** Code units that the offsets of one match take in JSON, approximately. */
const MATCH_LENGTH = 16;

/** Returns the approximate length of an entry in an answer, in UTF-16 code units. */
export function entryLength(entry: Entry): number {
  if (typeof entry === 'string') return entry.length;
  const texts = [entry.file, entry.text, ...entry.before, ...entry.after];
  return texts.reduce((sum, text) => sum + text.length, MATCH_LENGTH * entry.matches.length);
}

/**
 * Why a completed answer may be incomplete: a line, quote or context exceeded the maximum length;
 * the dictionary changed during the search, so the answer may mix versions; a subfolder isn't
 * readable; there were more distinct texts than can be counted, so the answer lacks some, but the
 * counts of the others are exact.
 */
export type Truncation = 'line_length' | 'dictionary_changed' | 'unreadable_folder' | 'distinct_texts';

/** What to count. */
export interface CountQuery extends Term, Pick<AllQuery, 'dictionary' | 'files'> {}

/** How often a term matches in a file. */
export interface EntryCount {
  /** The number of matching lines. */
  entries: number;
  /** The number of matches in them that aren't empty. */
  matches: number;
}

export interface EntryCounts {
  /** By path, in search order, without files that have no entries. */
  files: ReadonlyMap<string, EntryCount>;
  summary: Summary;
}

/** Comes last, because an engine may yield entries before it has searched the whole dictionary. */
export interface Summary {
  /** The number of matching entries in the whole dictionary, however many were returned. */
  nrOfEntries: number;
  truncated?: Truncation | undefined;
  /**
   * The `version` of the dictionary that the whole answer comes from. Omitted unless the engine is
   * sure that the dictionary didn't change during the search.
   */
  version?: string | undefined;
}

/**
 * Yields entries in batches, then returns the summary. The engine works only while `next()` is
 * pending, so a slow reader applies backpressure. A reader that stops early must call `return()`.
 */
export type Answer<Some = Entry> = AsyncGenerator<Some[], Summary, void>;

/**
 * Whether searches of a dictionary can use an index: one of its current version; one that is being
 * built; one of an earlier version only; or none.
 */
export const INDEX_STATES = ['current', 'building', 'stale', 'none'] as const;

export type IndexState = (typeof INDEX_STATES)[number];

export interface Dictionary {
  name: string;
  files: number;
  bytes: number;
  /** The last modification time: RFC 3339, UTC. */
  modified: string;
  /** A fingerprint, equal on all machines whose files have the same paths, sizes and times. */
  version: string;
  index: IndexState;
  /**
   * The encoding in which its files are read, or `mixed`. `null` for a file that isn't in UTF-8 and
   * declares no encoding, and until the whole text has been checked.
   */
  encoding: string | null;
  /**
   * What to do about files that aren't in UTF-8 and declare no encoding, if any are known: a sentence
   * about the dictionary, without its subject.
   */
  warning?: string;
}

/** A file of a dictionary. */
export interface ListedFile {
  /** Its path, which is also the name of a dictionary. */
  file: string;
  /** The size of the file on disk, which may be compressed. */
  bytes: number;
  /** As in `Dictionary`. */
  warning?: string;
}

export interface DictionaryList {
  /**
   * The name of the default dictionary, if any. It never changes, even if the dictionary is
   * removed.
   */
  default?: string;
  dictionaries: Dictionary[];
}

/**
 * Every engine gives the same answer to the same query:
 *
 * - A line excludes its line end (`\n` or `\r\n`), so terms never match a line end. A quote is the
 *   text between blank lines; in a file with a line of `%` alone (the fortune format), the text
 *   between such lines. Its lines are joined by `\n`.
 * - An entry is a line or quote, or a match with its context: the text before it, the match, and
 *   the text after it, joined by `\n`. Each matching line or quote is an entry of its own, even if
 *   contexts overlap or the term matches twice in it. Entries are in file order by default; in a
 *   folder, files are in byte order of their paths, and context doesn't cross file boundaries.
 * - A byte order mark at the start of a file isn't part of its text: nothing matches it, and the
 *   first line starts after it. Anywhere else, U+FEFF is an ordinary character.
 * - A file that declares an encoding by a suffix of its name, and one in UTF-16 with a byte order
 *   mark, are read as their UTF-8. What isn't a character in their encoding is U+FFFD.
 * - A term matches what GNU grep matches in UTF-8. Invalid UTF-8 never matches and is returned as
 *   U+FFFD.
 * - If nothing matches, the answer is empty. That isn't an error.
 * - A listing is the output of ls(1) in the C locale, one entry per line, except that a name with
 *   line breaks is one entry. It omits everything that can't be part of a dictionary, lists hidden
 *   files only with `-a`, never lists `.` and `..`, and doesn't show the targets of links.
 * - Several dictionaries answer as one folder with all their files would.
 * - Failures are AppErrors: `unknown_dictionary`, `unreadable_dictionary`, `damaged_dictionary`,
 *   `no_dictionaries`, `dictionary_changed`, `invalid_request` (an invalid regular expression, or
 *   too large a random order), `search_memory`, `search_timeout`, `too_busy`, and
 *   `engine_unavailable`. A listing can also fail with `unknown_folder`, `unreadable_folder`, and
 *   `not_a_folder`.
 * - An aborted signal stops the work of the call. The answer then throws the signal's reason.
 */
export interface SearchEngine {
  /** Finds the lines or quotes that match the term. */
  search<Some extends Format>(query: SearchQuery & { format: Some }, signal: AbortSignal): Answer<EntryIn<Some>>;
  /** The maximum length of the text of an entry, in UTF-16 code units. Longer ones are truncated. */
  readonly lineLength: number;
  /** Whether it supports LineConditions. */
  readonly combinesTerms?: boolean;
  /** Returns every line or quote. */
  all<Some extends Format>(query: AllQuery & { format: Some }, signal: AbortSignal): Answer<EntryIn<Some>>;
  /** Lists a folder. */
  list(query: ListQuery, signal: AbortSignal): Answer<string>;
  /**
   * Lets grep find a term in texts that aren't part of a dictionary. Returns the non-empty matches
   * in each text, or `undefined` for a text that doesn't match. Throws like a search. Doesn't check
   * the term for mistakes.
   *
   * @param texts without `\n`
   */
  matchTexts(term: Term, texts: readonly string[], signal: AbortSignal): Promise<(Match[] | undefined)[]>;
  /**
   * Returns the files of a dictionary in search order, without reading them. Throws like a search.
   */
  files(dictionary: string | undefined, signal: AbortSignal): Promise<readonly ListedFile[]>;
  /** Returns the number of lines of each file of a dictionary, by path. Throws like a search. */
  lineCounts(dictionary: string | undefined, signal: AbortSignal): Promise<ReadonlyMap<string, number>>;
  /**
   * Returns the number of words of each file of a dictionary, by path. A word is a run of bytes
   * other than ASCII white space. Throws like a search.
   */
  wordCounts(dictionary: string | undefined, signal: AbortSignal): Promise<ReadonlyMap<string, number>>;
  /**
   * Counts the lines of each file that match a term, and the matches. Returns `undefined` if the
   * engine can't do that faster than a search. Throws like a search.
   */
  entryCounts(query: CountQuery, signal: AbortSignal): Promise<EntryCounts | undefined>;
  /**
   * Returns an opaque string that changes whenever the dictionary changes, or `undefined` if the
   * engine can't be sure of that now. Throws like a search. Returns synchronously if that is
   * faster.
   */
  version(dictionary: string | undefined): Promise<string | undefined> | string | undefined;
  /**
   * Returns the name in the list of dictionaries that a name without `/` leads to, which may have
   * the suffixes that the name omits. For a name with `/`, only checks that it exists. Throws like a
   * search. Returns synchronously if that is faster.
   */
  listedName(dictionary: string): Promise<string> | string;
  /** Whether reading the dictionary takes long. Estimates that from cached sizes, without I/O. */
  isLarge(dictionary: string | undefined): boolean;
  /** Lists the searchable dictionaries in byte order of their names. Callers may share the list. */
  dictionaries(signal: AbortSignal): Promise<DictionaryList>;
  /** Throws `engine_unavailable` if no dictionary can be searched at the moment. */
  check(): Promise<void>;
  /**
   * Stops the engine's processes and closes its connections. Rejects new calls with
   * `engine_unavailable`, and waits for those in flight; abort their signals to close sooner.
   * Further calls of `close` resolve together with the first.
   */
  close(): Promise<void>;
}

/**
 * Collects an answer in one object, without the version. Use it only for answers that are small, or
 * that `each` makes small.
 */
export async function collect<Some>(answer: Answer<Some>): Promise<Summary & { entries: Some[] }>;
export async function collect<Some, To>(
  answer: Answer<Some>,
  each: (entry: Some) => To,
): Promise<Summary & { entries: To[] }>;
export async function collect<Some, To>(
  answer: Answer<Some>,
  each?: (entry: Some) => To,
): Promise<Summary & { entries: (Some | To)[] }> {
  const entries: (Some | To)[] = [];
  for (;;) {
    const step = await answer.next();
    if (step.done) {
      const { version: _, ...summary } = step.value;
      return { ...summary, entries };
    }
    for (const entry of step.value) entries.push(each === undefined ? entry : each(entry));
  }
}
