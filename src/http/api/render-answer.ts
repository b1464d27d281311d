// Renders an answer: complete if it is small, as a stream if it is large.
import { Readable } from 'node:stream';
import { TimeSlice } from '../../concurrency/time-slice.js';
import { AppError } from '../../errors.js';
import type { Answer } from '../../search/engine.js';
import type { Result } from '../../search/query.js';
import type { AnswerFormat } from './answer-format.js';
import { type Escape, escapeEntry } from './escape.js';

/**
 * How much is buffered before streaming begins, in UTF-16 code units. A smaller answer has a
 * Content-Length and can be cached, and a failure up to here still gets an error status.
 */
const MAX_BUFFERED_LENGTH = 64 * 1024;

export interface RenderOptions {
  answer: Answer<Result>;
  format: AnswerFormat;
  escaping: Escape;
  /** Whether to buffer a larger answer, of this length so far, rather than stream it. */
  mayBuffer?: ((length: number) => boolean) | undefined;
}

export interface CompleteAnswer {
  /** A string if it is ASCII: Node sends that in one write with the headers. */
  body: string | Buffer;
  /** The version of the dictionary, if the engine is sure of it. */
  version: string | undefined;
  /** Whether it would have been streamed if `mayBuffer` hadn't allowed more. */
  isLarge: boolean;
  /** The headers with the summary, if the format uses headers for it. */
  summaryFields: Record<string, string> | undefined;
}

/** The caller must either stream or discard it. */
export interface StreamedAnswer {
  stream: (observer: StreamObserver) => Readable;
  discard: () => Promise<void>;
}

export type RenderedAnswer = CompleteAnswer | StreamedAnswer;

export interface StreamObserver {
  /** Called with an unexpected error. */
  onBug: (error: unknown) => void;
  /** Called before the stream ends if the format's summary belongs in trailers. */
  onSummary: (fields: Record<string, string>) => void;
  /** Called before the stream fails, if its format can't report a failure in the body. */
  onFailure: (error: unknown) => void;
}

/**
 * Throws what the answer throws before streaming begins. A stream that fails later ends with
 * `"truncated"`, and its count is the number of entries sent; a format without a place for that
 * lets the stream fail.
 */
export async function renderAnswer(options: RenderOptions): Promise<RenderedAnswer> {
  const { answer, format, escaping, mayBuffer = () => false } = options;
  const buffered: string[] = [];
  let bufferedLength = 0;
  let renderedEntries = 0;
  /** What ended a large answer before streaming began. */
  let failure: { error: unknown } | undefined;
  const slice = new TimeSlice();

  try {
    while (!isLarge() || mayBuffer(bufferedLength)) {
      if (slice.isExpired) await slice.yieldToEventLoop();
      const step = await answer.next();
      if (step.done) {
        const { nrOfEntries, truncated, version } = step.value;
        const text = format.complete(buffered, nrOfEntries, truncated);
        // Sockets share the bytes of a Buffer, but each copies a string.
        return {
          body: isLarge() ? Buffer.from(text) : encode(text),
          version,
          isLarge: isLarge(),
          summaryFields: format.summaryFields?.(nrOfEntries, truncated),
        };
      }
      const batch = renderBatch(step.value);
      buffered.push(batch);
      bufferedLength += batch.length;
    }
  } catch (error) {
    await answer.return({ nrOfEntries: renderedEntries });
    // An error status is better than a response that breaks off.
    if (!isLarge() || format.summaryFields !== undefined) throw error;
    failure = { error };
  }
  return { stream, discard };

  function isLarge(): boolean {
    return bufferedLength > MAX_BUFFERED_LENGTH;
  }

  function renderBatch(entries: Result[]): string {
    const batch = format.serializeBatch(escaping === 'json' ? entries : entries.map(escapeEntry));
    renderedEntries += entries.length;
    return batch;
  }

  function stream(observer: StreamObserver): Readable {
    const body = Readable.from(chunks(observer));
    // If the client has left, nothing reads the stream, and an unread generator runs no `finally`.
    body.once('close', discard);
    return body;
  }

  async function discard(): Promise<void> {
    await answer.return({ nrOfEntries: renderedEntries }).catch(() => {});
  }

  async function* chunks(observer: StreamObserver): AsyncGenerator<string, void, void> {
    try {
      yield format.prefix + buffered.splice(0).join(format.separator);
      if (failure !== undefined) throw failure.error;
      for (;;) {
        if (slice.isExpired) await slice.yieldToEventLoop();
        const step = await answer.next();
        if (step.done) {
          const { nrOfEntries, truncated } = step.value;
          if (format.summaryFields === undefined) yield format.suffix(nrOfEntries, truncated);
          else observer.onSummary(format.summaryFields(nrOfEntries, truncated));
          return;
        }
        yield format.separator + renderBatch(step.value);
      }
    } catch (error) {
      if (!(error instanceof AppError)) observer.onBug(error);
      if (format.summaryFields === undefined) yield format.suffix(renderedEntries, truncationReason(error));
      else {
        observer.onFailure(error);
        throw error;
      }
    }
  }
}

function encode(text: string): string | Buffer {
  return Buffer.byteLength(text) === text.length ? text : Buffer.from(text);
}

function truncationReason(error: unknown): string {
  if (!(error instanceof AppError)) return 'internal';
  return error.code === 'search_timeout' ? 'time' : error.code;
}
