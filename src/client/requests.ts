// The requests that the client sends. test/client/ checks that they have exactly the fields of the
// server's table of actions.

/** How to read a term: as literal text, whole words, a POSIX extended regular expression, or a phrase. */
export type Syntax = 'literal' | 'word' | 'regex' | 'phrase';

/** A term with options of its own. Missing ones are those of the request. */
export interface TermObject {
  /** 1 to 1,000 characters by default, without NUL or line break. */
  term: string;
  syntax?: Syntax | undefined;
  ignore_case?: boolean | undefined;
}

export type Term = string | TermObject;

/** The terms to search for, and how they match. */
export interface TermFields {
  /** The text or pattern to search for. */
  term?: string | undefined;
  /** How to match the terms. Defaults to `literal`. */
  syntax?: Syntax | undefined;
  ignore_case?: boolean | undefined;
  /** Terms that an entry must all match, in addition to `term`. At most 16. */
  all_of?: readonly Term[] | undefined;
  /** Terms of which an entry must match at least one. At most 16. */
  any_of?: readonly Term[] | undefined;
  /** Terms that an entry must not match. At most 16. */
  none_of?: readonly Term[] | undefined;
  /** Whether phrases also match words that are hyphenated at a line end. */
  join_hyphens?: boolean | undefined;
  /** Whether to ignore accents and other combining marks. */
  ignore_marks?: boolean | undefined;
}

/** A request must have at least one of these fields. */
export type AnyTerm =
  | { term: string }
  | { all_of: readonly Term[] }
  | { any_of: readonly Term[] }
  | { none_of: readonly Term[] };

/** The files to search, and the unit of the entries. */
export interface SourceFields {
  /** The file or folder to read, or several; `*` reads all. Defaults to the default dictionary. */
  dictionary?: string | readonly string[] | undefined;
  /** Globs for the files of the dictionary to read. Defaults to all files. */
  files?: string | readonly string[] | undefined;
  /** What an entry is: a line (the default) or a whole quote. */
  unit?: 'line' | 'quote' | undefined;
  /** `html` also escapes `& < > " '` in texts, for use in a page. Defaults to `json`. */
  escape?: 'json' | 'html' | undefined;
}

/** The part of the answer to return. */
export interface PageFields {
  /** The maximum number of results; 0, the default, returns all. */
  nresults?: number | undefined;
  /** The number of results to skip. */
  offset?: number | undefined;
}

/** The format of the entries of a search: strings, objects, or the lines of a concordance. */
export type SearchFormat = 'text' | 'object' | 'kwic';

export interface SearchFields extends TermFields, SourceFields, PageFields {
  /** Lines (or quotes) of context before each match, at most 100. */
  n_before?: number | undefined;
  /** Lines (or quotes) of context after each match, at most 100. */
  n_after?: number | undefined;
  /** `left`, `match` and `right` sort a concordance. Defaults to `file`. */
  order?: 'file' | 'random' | 'left' | 'match' | 'right' | undefined;
  /** The seed of the random order: the same seed gives the same order. */
  seed?: number | undefined;
  /** Decides the type of the results. Defaults to `text`. */
  format?: SearchFormat | undefined;
  /** How much text a concordance has on each side of a match, in `width_unit`. Defaults to 40. */
  width?: number | undefined;
  /** Defaults to `characters`. */
  width_unit?: 'characters' | 'words' | undefined;
}

/** A request for the lines or quotes that match. */
export type SearchRequest = SearchFields & AnyTerm;

export type CountFields = TermFields & SourceFields;

/** A request for the number of entries and matches of each file. */
export type CountRequest = CountFields & AnyTerm;

export interface FrequenciesFields extends TermFields, SourceFields, PageFields {
  /** Whether texts that differ only in case count as one, in lower case. */
  fold_case?: boolean | undefined;
  /** Counts the words on this side of the matches instead of the matches. */
  by?: 'left' | 'right' | undefined;
  /** How many words on that side to count: 1 (the default) to 5. */
  distance?: number | undefined;
}

/** A request for the distinct matches, or the words beside them, with their counts. */
export type FrequenciesRequest = FrequenciesFields & AnyTerm;

/** The format of the entries of `all`. */
export type AllFormat = 'text' | 'object';

/** A request for every line or quote. */
export interface AllRequest extends SourceFields, PageFields {
  order?: 'file' | 'random' | undefined;
  /** The seed of the random order. */
  seed?: number | undefined;
  /** Decides the type of the results. Defaults to `text`. */
  format?: AllFormat | undefined;
}

/** An option of `ls`. */
export type ListOption = '-l' | '-a' | '-t' | '-S' | '-r' | '-R' | '-h' | '-1';

/** A request for the names in a folder. */
export interface ListRequest {
  /** The folder to list. Defaults to the dictionaries folder. */
  folder?: string | undefined;
  /** A glob that names must match. */
  filter?: string | undefined;
  options?: readonly ListOption[] | undefined;
}

/** A request for the list of dictionaries. */
export interface DictionariesRequest extends PageFields {
  /** Selects the names that contain it, or match it if it has `*` or `?`. Ignores case. */
  filter?: string | undefined;
}
