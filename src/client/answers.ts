// The answers that the client returns. test/client/ checks that they agree with the server's.
import type { ErrorCode } from './error-codes.js';

/** Start and end of a match in the text of its entry, in UTF-16 code units, as `slice` takes them. */
export type Match = [start: number, end: number];

/** A line or quote, in the format `object`. */
export interface EntryObject {
  /** The path of the file, which is also the name of a dictionary. */
  file: string;
  /** The number of the entry's first line, counted from 1. */
  line: number;
  text: string;
  /** The context before the entry, one element per line or quote. */
  before: string[];
  /** The context after the entry. */
  after: string[];
  matches: Match[];
}

/** A match with the text on both sides, in the format `kwic` (key word in context). */
export interface ConcordanceLine {
  /** The path of the file, which is also the name of a dictionary. */
  file: string;
  /** The number of the line in which the match begins, counted from 1. */
  line: number;
  /** The text before the match, with line ends and tabs as spaces. */
  left: string;
  match: string;
  right: string;
}

/** The count of a file that has entries. */
export interface FileCount {
  file: string;
  /** The number of matching lines or quotes. */
  entries: number;
  /** The number of matches in them. */
  matches: number;
  /** Matches per million words of the file. */
  per_million_words: number;
}

/** How often a text occurs. */
export interface Frequency {
  text: string;
  count: number;
  /** With `by`: how much more or less often the word occurs there than elsewhere (G²). */
  log_likelihood?: number;
}

/** The type of the results in each format. */
export interface ResultsByFormat {
  text: string;
  object: EntryObject;
  kwic: ConcordanceLine;
}

/**
 * Why an answer is incomplete. `time` and the codes of errors mean that it ends early: its
 * `nrOfEntries` is then the number of results that it has.
 */
export type Truncation =
  | 'line_length'
  | 'dictionary_changed'
  | 'unreadable_folder'
  | 'distinct_texts'
  | 'time'
  | ErrorCode
  // A later version of the server may have further reasons.
  | (string & {});

export interface Summary {
  /** The number of matching entries in all that was searched, however many were requested. */
  nrOfEntries: number;
  /** Why the answer is incomplete; absent if it is complete. */
  truncated?: Truncation;
}

export interface Answer<Result> extends Summary {
  results: Result[];
}

/**
 * The results of an answer, as they arrive. Iterating sends the request, and can be done once;
 * `break` cancels it. If the answer breaks off, iterating throws a `ConnectionError`.
 */
export interface AnswerStream<Result> extends AsyncIterable<Result> {
  /** The number of entries, and why results are missing if so. `undefined` until the end. */
  readonly summary: Summary | undefined;
}

export interface Dictionary {
  name: string;
  files: number;
  bytes: number;
  /** The last modification time: RFC 3339, UTC. */
  modified: string;
  /** A fingerprint that changes when a file does. */
  version: string;
  /** Whether searches can use an index: a current one, one being built, an earlier one, or none. */
  index: 'current' | 'building' | 'stale' | 'none';
  /** The encoding of the files, `mixed`, or `null` if it isn't known. */
  encoding: string | null;
  /** What to do about files whose encoding isn't known. */
  warning?: string;
}

export interface DictionaryList {
  /** The name of the default dictionary, if there is one. */
  default?: string;
  /** The number of dictionaries that match the filter, however many were requested. */
  nrOfDictionaries: number;
  dictionaries: Dictionary[];
}
