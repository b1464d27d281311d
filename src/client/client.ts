// The interface of the client.
import type { Answer, AnswerStream, DictionaryList, FileCount, Frequency, ResultsByFormat } from './answers.js';
import type { CallOptions } from './options.js';
import type {
  AllFormat,
  AllRequest,
  CountRequest,
  DictionariesRequest,
  FrequenciesRequest,
  ListRequest,
  SearchFormat,
  SearchRequest,
} from './requests.js';

/**
 * A client of grepd. Its methods take the fields of the API. Those that end in `Stream` return the
 * results as they arrive, for answers that may be large. All reject with an `ApiError`, a
 * `ConnectionError`, a `TimeoutError`, an `UnexpectedAnswerError`, or the reason of their signal.
 */
export interface Client {
  /** Returns the lines or quotes that match. */
  search: Search;
  searchStream: SearchStream;
  /** Returns every line or quote. */
  all: All;
  allStream: AllStream;
  /** Returns the number of entries and matches of each file that has matches. */
  count(request: CountRequest, options?: CallOptions): Promise<Answer<FileCount>>;
  countStream(request: CountRequest, options?: CallOptions): AnswerStream<FileCount>;
  /** Returns the distinct matches, or the words beside them, with their counts. */
  frequencies(request: FrequenciesRequest, options?: CallOptions): Promise<Answer<Frequency>>;
  frequenciesStream(request: FrequenciesRequest, options?: CallOptions): AnswerStream<Frequency>;
  /** Returns the names in a folder, as `ls` prints them. */
  list(request?: ListRequest, options?: CallOptions): Promise<Answer<string>>;
  listStream(request?: ListRequest, options?: CallOptions): AnswerStream<string>;
  /** Returns the dictionaries, or a page of those that match a filter. */
  dictionaries(request?: DictionariesRequest, options?: CallOptions): Promise<DictionaryList>;
}

// In each of the following, the first overload is for a format that is always given, the second
// for one that is never given, and the third for one that may be missing.

export interface Search {
  <Format extends SearchFormat>(
    request: SearchRequest & { format: Format },
    options?: CallOptions,
  ): Promise<Answer<ResultsByFormat[Format]>>;
  (request: SearchRequest & { format?: 'text' | undefined }, options?: CallOptions): Promise<Answer<string>>;
  <Format extends SearchFormat>(
    request: SearchRequest & { format?: Format | undefined },
    options?: CallOptions,
  ): Promise<Answer<ResultsByFormat[Format | 'text']>>;
}

export interface SearchStream {
  <Format extends SearchFormat>(
    request: SearchRequest & { format: Format },
    options?: CallOptions,
  ): AnswerStream<ResultsByFormat[Format]>;
  (request: SearchRequest & { format?: 'text' | undefined }, options?: CallOptions): AnswerStream<string>;
  <Format extends SearchFormat>(
    request: SearchRequest & { format?: Format | undefined },
    options?: CallOptions,
  ): AnswerStream<ResultsByFormat[Format | 'text']>;
}

export interface All {
  <Format extends AllFormat>(
    request: AllRequest & { format: Format },
    options?: CallOptions,
  ): Promise<Answer<ResultsByFormat[Format]>>;
  (request?: AllRequest & { format?: 'text' | undefined }, options?: CallOptions): Promise<Answer<string>>;
  <Format extends AllFormat>(
    request: AllRequest & { format?: Format | undefined },
    options?: CallOptions,
  ): Promise<Answer<ResultsByFormat[Format | 'text']>>;
}

export interface AllStream {
  <Format extends AllFormat>(
    request: AllRequest & { format: Format },
    options?: CallOptions,
  ): AnswerStream<ResultsByFormat[Format]>;
  (request?: AllRequest & { format?: 'text' | undefined }, options?: CallOptions): AnswerStream<string>;
  <Format extends AllFormat>(
    request: AllRequest & { format?: Format | undefined },
    options?: CallOptions,
  ): AnswerStream<ResultsByFormat[Format | 'text']>;
}
