// The serialization of answers, complete or in batches, as JSON or NDJSON.
import type { Result } from '../../search/query.js';

/** A streamed answer is the prefix, batches with a separator between them, and the suffix. */
export interface AnswerFormat {
  mediaType: string;
  headers: Record<string, string>;
  prefix: string;
  serializeBatch: (entries: Result[]) => string;
  separator: string;
  suffix: (nrOfEntries: number, truncated: string | undefined) => string;
  /** Joins serialized batches into a complete answer. */
  complete: (batches: string[], nrOfEntries: number, truncated: string | undefined) => string;
  /**
   * The summary as HTTP fields, for a format whose body has no place for it. They are headers of a
   * complete answer and trailers of a streamed one, which breaks off if it fails.
   */
  summaryFields?: (nrOfEntries: number, truncated: string | undefined) => Record<string, string>;
}

const count = (nrOfEntries: number) => `"nr of entries":${nrOfEntries}`;
const truncation = (truncated: string | undefined) =>
  truncated === undefined ? '' : `,"truncated":${JSON.stringify(truncated)}`;

/** The request headers that the representation depends on (RFC 9110, section 12.5.5). */
export const VARY = 'Accept, Accept-Encoding';

/** Helmet doesn't run for these responses. */
export const NOSNIFF = { 'X-Content-Type-Options': 'nosniff' };

/** `{ "nr of entries": 2, "results": [] }`. A stream has the results first: it counts them last. */
export const json: AnswerFormat = {
  mediaType: 'application/json',
  headers: { 'Content-Type': 'application/json; charset=utf-8', ...NOSNIFF },
  prefix: '{"results":[',
  serializeBatch: (entries) => JSON.stringify(entries).slice(1, -1),
  separator: ',',
  suffix: (nrOfEntries, truncated) => `],${count(nrOfEntries)}${truncation(truncated)}}`,
  complete: (batches, nrOfEntries, truncated) =>
    `{${count(nrOfEntries)},"results":[${batches.join()}]${truncation(truncated)}}`,
};

/** One entry per line, and the count in the last line (https://github.com/ndjson/ndjson-spec). */
export const ndjson: AnswerFormat = {
  mediaType: 'application/x-ndjson',
  headers: { 'Content-Type': 'application/x-ndjson', ...NOSNIFF },
  prefix: '',
  serializeBatch: (entries) => entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''),
  separator: '',
  suffix: (nrOfEntries, truncated) => `{${count(nrOfEntries)}${truncation(truncated)}}\n`,
  complete: (batches, nrOfEntries, truncated) => batches.join('') + ndjson.suffix(nrOfEntries, truncated),
};
