// Sends an answer as JSON: at once where it is small, as it comes where it is large.
import { Readable } from 'node:stream';
import type { Context } from 'koa';
import type { Logger } from 'pino';
import { AppError } from '../errors.js';
import type { Answer } from '../search/engine.js';

/** Characters of JSON that are held back: an answer within this has a length, and a failure within this is a proper error. */
const HELD_LENGTH = 64 * 1024;

/** What a client may find in `"nr of entries"` and `"results"`, as the pieces of a JSON object. */
const count = (nrOfEntries: number) => `"nr of entries":${nrOfEntries}`;
const batch = (entries: string[]) => JSON.stringify(entries).slice(1, -1);

/**
 * Sets the body: `{ "nr of entries": 2, "results": ["…", "…"] }`. A large answer has its results first, as their number is
 * known at the end only. Where such an answer fails it ends with `"truncated"`, and the number is that of the results given.
 */
export async function sendAnswer(ctx: Context, answer: Answer, log: Logger): Promise<void> {
  ctx.type = 'application/json';
  const held: string[] = [];
  let heldLength = 0;
  let given = 0;
  while (heldLength <= HELD_LENGTH) {
    const step = await answer.next();
    if (step.done) {
      ctx.body = `{${count(step.value.nrOfEntries)},"results":[${held.join()}]}`;
      return;
    }
    const json = batch(step.value);
    held.push(json);
    heldLength += json.length;
    given += step.value.length;
  }
  ctx.body = Readable.from(streamed());

  async function* streamed(): AsyncGenerator<string, void, void> {
    try {
      yield `{"results":[${held.splice(0).join()}`;
      for (;;) {
        const step = await answer.next();
        if (step.done) {
          yield `],${count(step.value.nrOfEntries)}}`;
          return;
        }
        given += step.value.length;
        yield `,${batch(step.value)}`;
      }
    } catch (error) {
      // Also where the client has left; then nobody reads this.
      yield `],${count(given)},"truncated":${JSON.stringify(whyTruncated(error))}}`;
    } finally {
      await answer.return({ nrOfEntries: given });
    }
  }

  function whyTruncated(error: unknown): string {
    if (error instanceof AppError) return error.code === 'search_timeout' ? 'time' : error.code;
    if (!ctx.res.closed) log.error({ err: error, id: ctx.state.id, method: ctx.method, path: ctx.path }, 'bug');
    return 'internal';
  }
}
