// `grepd/client`: a client of grepd for Node, Deno, Bun and browsers. It uses `fetch` only.
export type {
  Answer,
  AnswerStream,
  ConcordanceLine,
  Dictionary,
  DictionaryList,
  EntryObject,
  FileCount,
  Frequency,
  Match,
  ResultsByFormat,
  Summary,
  Truncation,
} from './answers.js';
export type { All, AllStream, Client, Search, SearchStream } from './client.js';
export { createClient } from './create-client.js';
export type { ErrorCode } from './error-codes.js';
export { ApiError, ConnectionError, GrepdError, TimeoutError, UnexpectedAnswerError } from './errors.js';
export type { CallOptions, ClientOptions, Fetch } from './options.js';
export type {
  AllFormat,
  AllRequest,
  CountRequest,
  DictionariesRequest,
  FrequenciesRequest,
  ListOption,
  ListRequest,
  SearchFormat,
  SearchRequest,
  Syntax,
  Term,
  TermObject,
} from './requests.js';
