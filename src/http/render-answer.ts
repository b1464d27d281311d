// Renders an answer: at once where it is small, as it comes where it is large.
import { Readable } from 'node:stream';
import { AppError } from '../errors.js';
import type { Answer } from '../search/engine.js';
import { Turns } from '../turns.js';
import { type Escape, escapeEntry } from './escape.js';
import type { Notation } from './notation.js';

/** What is held back, in UTF-16 code units: an answer within this has a length, and a failure within this is a proper error. */
const HELD_LENGTH = 64 * 1024;

export interface RenderOptions {
  answer: Answer;
  notation: Notation;
  escaping: Escape;
}

/** All of an answer, with the version of the dictionary where the engine knows it for sure; or what is sent as it comes, or else discarded. */
export type Rendered =
  | { whole: Buffer; version: string | undefined }
  | { stream: (onBug: OnBug) => Readable; discard: () => Promise<void> };

type OnBug = (error: unknown) => void;

/**
 * Throws what the answer throws, as long as no part of it may have been sent. After that it ends with `"truncated"`, and the number is that of the
 * entries given.
 */
export async function renderAnswer({ answer, notation, escaping }: RenderOptions): Promise<Rendered> {
  const held: string[] = [];
  let heldLength = 0;
  let given = 0;
  const turns = new Turns();

  try {
    while (heldLength <= HELD_LENGTH) {
      const step = await next();
      if (step.done) {
        const { nrOfEntries, truncated, version } = step.value;
        return { whole: Buffer.from(notation.whole(held, nrOfEntries, truncated)), version };
      }
      held.push(step.value);
      heldLength += step.value.length;
    }
  } catch (error) {
    await answer.return({ nrOfEntries: given });
    throw error;
  }
  return { stream, discard };

  async function next() {
    if (turns.isOver) await turns.pass();
    const step = await answer.next();
    if (step.done) return step;
    const entries = escaping === 'json' ? step.value : step.value.map(escapeEntry);
    const value = notation.batch(entries);
    given += entries.length;
    return { done: false as const, value };
  }

  function stream(onBug: OnBug): Readable {
    const body = Readable.from(pieces(onBug));
    // Where the client has left already nobody begins to read, and what has not begun does not end by itself.
    body.once('close', discard);
    return body;
  }

  async function discard(): Promise<void> {
    await answer.return({ nrOfEntries: given }).catch(() => {});
  }

  async function* pieces(onBug: OnBug): AsyncGenerator<string, void, void> {
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
      if (!(error instanceof AppError)) onBug(error);
      yield notation.close(given, whyTruncated(error));
    }
  }
}

function whyTruncated(error: unknown): string {
  if (!(error instanceof AppError)) return 'internal';
  return error.code === 'search_timeout' ? 'time' : error.code;
}
