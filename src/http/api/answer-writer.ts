// Renders an answer: at once where it is small, as it comes where it is large.
import { Readable } from 'node:stream';
import { TimeSlice } from '../../concurrency/time-slice.js';
import { AppError } from '../../errors.js';
import type { Answer, Entry } from '../../search/engine.js';
import type { AnswerFormat } from './answer-format.js';
import { type Escape, escapeEntry } from './escape.js';

/** What is held back, in UTF-16 code units: an answer within this has a length, and a failure within this is a proper error. */
const HELD_LENGTH = 64 * 1024;

export interface RenderOptions {
  answer: Answer;
  answerFormat: AnswerFormat;
  escaping: Escape;
}

/** All of an answer. */
export interface Whole {
  /** ASCII is a string: Node sends it in one piece with the headers. */
  whole: string | Buffer;
  /** That of the dictionary, where the engine knows it for sure. */
  version: string | undefined;
}

/** All of it, or what is sent as it comes, or else discarded. */
export type Rendered = Whole | { stream: (onBug: OnBug) => Readable; discard: () => Promise<void> };

type OnBug = (error: unknown) => void;

/**
 * Throws what the answer throws, as long as no part of it may have been sent. After that it ends with `"truncated"`, and the number is that of the
 * entries given.
 */
export async function renderAnswer({ answer, answerFormat, escaping }: RenderOptions): Promise<Rendered> {
  const held: string[] = [];
  let heldLength = 0;
  let given = 0;
  const slice = new TimeSlice();

  try {
    while (heldLength <= HELD_LENGTH) {
      if (slice.isExpired) await slice.yieldToEventLoop();
      const step = await answer.next();
      if (step.done) {
        const { nrOfEntries, truncated, version } = step.value;
        return { whole: asBody(answerFormat.whole(held, nrOfEntries, truncated)), version };
      }
      const batch = write(step.value);
      held.push(batch);
      heldLength += batch.length;
    }
  } catch (error) {
    await answer.return({ nrOfEntries: given });
    throw error;
  }
  return { stream, discard };

  function write(entries: Entry[]): string {
    const batch = answerFormat.batch(escaping === 'json' ? entries : entries.map(escapeEntry));
    given += entries.length;
    return batch;
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
      yield answerFormat.open + held.splice(0).join(answerFormat.between);
      for (;;) {
        if (slice.isExpired) await slice.yieldToEventLoop();
        const step = await answer.next();
        if (step.done) {
          yield answerFormat.close(step.value.nrOfEntries, step.value.truncated);
          return;
        }
        yield answerFormat.between + write(step.value);
      }
    } catch (error) {
      // Also where the client has left; then nobody reads this.
      if (!(error instanceof AppError)) onBug(error);
      yield answerFormat.close(given, whyTruncated(error));
    }
  }
}

function asBody(text: string): string | Buffer {
  return Buffer.byteLength(text) === text.length ? text : Buffer.from(text);
}

function whyTruncated(error: unknown): string {
  if (!(error instanceof AppError)) return 'internal';
  return error.code === 'search_timeout' ? 'time' : error.code;
}
