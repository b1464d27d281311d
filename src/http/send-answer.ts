// Sends an answer: at once where it is small, as it comes where it is large.
import { Readable } from 'node:stream';
import type { Context } from 'koa';
import type { Logger } from 'pino';
import { AppError } from '../errors.js';
import type { Answer, Entry } from '../search/engine.js';
import { Turns } from '../turns.js';
import { type Escape, escapeEntry } from './escape.js';

/** What is held back, in UTF-16 code units: an answer within this has a length, and a failure within this is a proper error. */
const HELD_LENGTH = 64 * 1024;

/** How an answer is written: one batch of entries after the other, then what is known at the end. */
interface Notation {
  type: string;
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

/** `{ "nr of entries": 2, "results": [] }`. A large answer has its results first, as their number is known at the end only. */
const json: Notation = {
  type: 'application/json',
  open: '{"results":[',
  batch: (entries) => JSON.stringify(entries).slice(1, -1),
  between: ',',
  close: (nrOfEntries, truncated) => `],${count(nrOfEntries)}${reason(truncated)}}`,
  whole: (batches, nrOfEntries, truncated) =>
    `{${count(nrOfEntries)},"results":[${batches.join()}]${reason(truncated)}}`,
};

/** One entry a line, and last a line with what is known at the end (https://github.com/ndjson/ndjson-spec). */
const ndjson: Notation = {
  type: 'application/x-ndjson',
  open: '',
  batch: (entries) => entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''),
  between: '',
  close: (nrOfEntries, truncated) => `{${count(nrOfEntries)}${reason(truncated)}}\n`,
  whole: (batches, nrOfEntries, truncated) => batches.join('') + ndjson.close(nrOfEntries, truncated),
};

/**
 * Sets the body, in the notation that the client accepts. An answer that fails when a part of it may have been sent ends with
 * `"truncated"`, and the number is that of the entries given.
 */
export async function sendAnswer(ctx: Context, answer: Answer, escaping: Escape, log: Logger): Promise<void> {
  const accepted = ctx.accepts(json.type, ndjson.type, `${ndjson.type}; charset=utf-8`) || json.type;
  const notation = accepted.startsWith(ndjson.type) ? ndjson : json;
  ctx.vary('Accept');
  const held: string[] = [];
  let heldLength = 0;
  let given = 0;
  const turns = new Turns();

  try {
    while (heldLength <= HELD_LENGTH) {
      const step = await next();
      if (step.done) {
        ctx.type = notation.type;
        ctx.body = notation.whole(held, step.value.nrOfEntries, step.value.truncated);
        return;
      }
      held.push(step.value);
      heldLength += step.value.length;
    }
  } catch (error) {
    await answer.return({ nrOfEntries: given });
    throw error;
  }
  const body = Readable.from(streamed());
  // Where the client has left already nobody begins to read, and what has not begun does not end by itself.
  body.once('close', () => answer.return({ nrOfEntries: given }).catch(() => {}));
  ctx.type = notation.type;
  ctx.body = body;

  async function next() {
    if (turns.isOver) await turns.pass();
    const step = await answer.next();
    if (step.done) return step;
    const entries = escaping === 'json' ? step.value : step.value.map(escapeEntry);
    const value = notation.batch(entries);
    given += entries.length;
    return { done: false as const, value };
  }

  async function* streamed(): AsyncGenerator<string, void, void> {
    try {
      yield notation.open + held.splice(0).join(notation.between);
      for (;;) {
        const step = await next();
        if (step.done) {
          yield notation.close(step.value.nrOfEntries, step.value.truncated);
          return;
        }
        yield notation.between + step.value;
      }
    } catch (error) {
      // Also where the client has left; then nobody reads this.
      yield notation.close(given, whyTruncated(error));
    }
  }

  function whyTruncated(error: unknown): string {
    if (error instanceof AppError) return error.code === 'search_timeout' ? 'time' : error.code;
    if (!ctx.res.closed) log.error({ err: error, id: ctx.state.id, method: ctx.method, path: ctx.path }, 'bug');
    return 'internal';
  }
}
