// Queries of several conditions, and the interface that answers them: an engine that combines the
// searches of another one.
import type {
  AllQuery,
  Answer,
  Entry,
  EntryIn,
  Format,
  MatchObserver,
  SearchEngine,
  SearchQuery,
  Syntax,
  Term,
} from './engine.js';

/** A phrase is literal text whose white space matches any white space, line ends included. */
export type QuerySyntax = Syntax | 'phrase';

export interface QueryTerm extends Omit<Term, 'syntax'> {
  syntax: QuerySyntax;
}

/** Whether an engine can search for the term itself. */
export function isPlain(term: QueryTerm): term is QueryTerm & Term {
  return term.syntax !== 'phrase';
}

/**
 * Which lines or quotes are entries: those that match all terms of `all_of`, at least one of
 * `any_of` unless it is empty, and none of `none_of`. At least one of the arrays has a term.
 */
export interface Conditions {
  dictionary?: string | undefined;
  /** As in `AllQuery`. */
  files?: readonly string[] | undefined;
  unit: AllQuery['unit'];
  all_of: readonly QueryTerm[];
  any_of: readonly QueryTerm[];
  none_of: readonly QueryTerm[];
  /** Whether phrases also match words that are hyphenated at a line end. */
  join_hyphens: boolean;
  /** Whether to ignore combining marks, composed or not. */
  ignore_marks: boolean;
}

/** The page of an answer. */
type Page = Pick<AllQuery, 'nresults' | 'offset'>;

/** Like `SearchQuery`, but with several conditions. */
export interface FindQuery extends Conditions, Page, Pick<AllQuery, 'order' | 'seed' | 'format'> {
  n_before: number;
  n_after: number;
  /** As in `SearchQuery`. */
  observer?: MatchObserver | undefined;
}

/** Returns the search that answers a query, or `undefined` if it takes several. */
export function toSearchQuery<Some extends Format>(
  query: FindQuery & { format: Some },
): (SearchQuery & { format: Some }) | undefined {
  const { all_of, any_of, none_of, join_hyphens: _, ignore_marks, ...rest } = query;
  const [first] = all_of;
  if (first === undefined || !isPlain(first) || ignore_marks) return undefined;
  if (all_of.length + any_of.length + none_of.length > 1) return undefined;
  return { ...rest, ...first };
}

/** What decides the order of the lines of a concordance, other than their files. */
export type SortOrder = 'left' | 'match' | 'right';

export interface ConcordanceQuery extends Conditions, Page {
  /** How much text of the entry to return on each side of a match, at most. */
  width: number;
  width_unit: 'characters' | 'words';
  /**
   * File order, or the order of the three nearest words on one side, nearest first, or of the match:
   * folded to lower case and NFC, in code point order. Equal ones are in file order. Too many are
   * `invalid_request`.
   */
  order: 'file' | SortOrder;
}

/** A match with the text on both sides of it. */
export interface ConcordanceLine {
  /** The path of the file, which is also the name of a dictionary. */
  file: string;
  /** The number of the line in which the match begins, counted from 1. */
  line: number;
  /** In this and the following texts, line ends and tabs are replaced with spaces. */
  left: string;
  match: string;
  right: string;
}

/** The count of a file that has entries. */
export interface FileCount {
  file: string;
  /** The number of entries, which are lines or quotes. */
  entries: number;
  /** The number of non-empty matches in them of the terms of `all_of` and `any_of`. */
  matches: number;
  /** Matches per million words of the file. A word is a run of characters other than white space. */
  per_million_words: number;
}

export interface FrequencyQuery extends Conditions, Page {
  /** Whether texts that differ only in case count as one, in lower case. */
  fold_case: boolean;
  /** Counts the words beside the matches instead of the matches. */
  by?: 'left' | 'right' | undefined;
  /** How many words beside a match count. */
  distance: number;
}

/** How often a text occurs: a match, or a word beside matches. */
export interface Frequency {
  text: string;
  count: number;
  /**
   * For words beside matches: the log-likelihood ratio (G²) of their frequency there to that in the
   * whole dictionary (Dunning 1993).
   */
  log_likelihood?: number;
}

/** What answers consist of. */
export type Result = Entry | ConcordanceLine | FileCount | Frequency;

/** An engine that answers all queries. */
export interface QueryEngine extends SearchEngine {
  /** Finds the lines or quotes that meet the conditions. */
  find<Some extends Format>(query: FindQuery & { format: Some }, signal: AbortSignal): Answer<EntryIn<Some>>;
  /** Returns each match with the text beside it. Counts matches as entries. */
  concordance(query: ConcordanceQuery, signal: AbortSignal): Answer<ConcordanceLine>;
  /** Counts the entries and matches of each file, in path order. The summary has all entries. */
  count(query: Conditions, signal: AbortSignal): Answer<FileCount>;
  /**
   * Counts distinct texts: most frequent first, then in byte order. The summary has the number of
   * distinct texts.
   */
  frequencies(query: FrequencyQuery, signal: AbortSignal): Answer<Frequency>;
}
