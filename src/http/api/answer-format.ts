// How an answer is written: one batch of entries after the other, then what is known at the end.
import type { Context } from 'koa';
import type { Entry } from '../../search/engine.js';

export interface AnswerFormat {
  type: string;
  headers: Record<string, string>;
  open: string;
  batch: (entries: Entry[]) => string;
  /** What is between two batches. */
  between: string;
  close: (nrOfEntries: number, truncated: string | undefined) => string;
  /** The whole of an answer that is small. */
  whole: (batches: string[], nrOfEntries: number, truncated: string | undefined) => string;
}

const count = (nrOfEntries: number) => `"nr of entries":${nrOfEntries}`;
const reason = (truncated: string | undefined) =>
  truncated === undefined ? '' : `,"truncated":${JSON.stringify(truncated)}`;

/** It depends on these what is sent. */
export const VARY = 'Accept, Accept-Encoding';

/** No browser is to guess what else it could be. */
const HEADERS = { 'X-Content-Type-Options': 'nosniff' };

/** `{ "nr of entries": 2, "results": [] }`. A large answer has its results first, as their number is known at the end only. */
const json: AnswerFormat = {
  type: 'application/json',
  headers: { 'Content-Type': 'application/json; charset=utf-8', ...HEADERS },
  open: '{"results":[',
  batch: (entries) => JSON.stringify(entries).slice(1, -1),
  between: ',',
  close: (nrOfEntries, truncated) => `],${count(nrOfEntries)}${reason(truncated)}}`,
  whole: (batches, nrOfEntries, truncated) =>
    `{${count(nrOfEntries)},"results":[${batches.join()}]${reason(truncated)}}`,
};

/** One entry a line, and last a line with what is known at the end (https://github.com/ndjson/ndjson-spec). */
const ndjson: AnswerFormat = {
  type: 'application/x-ndjson',
  headers: { 'Content-Type': 'application/x-ndjson', ...HEADERS },
  open: '',
  batch: (entries) => entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''),
  between: '',
  close: (nrOfEntries, truncated) => `{${count(nrOfEntries)}${reason(truncated)}}\n`,
  whole: (batches, nrOfEntries, truncated) => batches.join('') + ndjson.close(nrOfEntries, truncated),
};

/** The one that the client accepts. */
export function formatFor(ctx: Context): AnswerFormat {
  const { accept } = ctx.req.headers;
  // Nearly all say this, or nothing.
  if (accept === undefined || accept === '' || accept === '*/*' || accept === json.type) return json;
  const accepted = ctx.accepts(json.type, ndjson.type, `${ndjson.type}; charset=utf-8`) || json.type;
  return accepted.startsWith(ndjson.type) ? ndjson : json;
}
