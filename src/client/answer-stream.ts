// Answers that are read entry by entry, however large they are.
import type { AnswerStream, Summary } from './answers.js';
import { ConnectionError, UnexpectedAnswerError } from './errors.js';
import { Exchange } from './exchange.js';
import { readLines } from './lines.js';
import type { CallOptions, Settings } from './options.js';
import { isSummary, toSummary } from './parse-answer.js';
import { acceptOf, assertAnswer, NDJSON_TYPE } from './read-response.js';
import { withRetries } from './retry.js';

export interface StreamRequest {
  path: string;
  body: string;
  settings: Settings;
  options: CallOptions;
}

/** Reads an answer in NDJSON. */
export class NdjsonStream<Result> implements AnswerStream<Result> {
  readonly #results: AsyncGenerator<Result, void, void>;
  #summary: Summary | undefined;
  #isRead = false;

  constructor(request: StreamRequest) {
    this.#results = this.#read(request);
  }

  get summary(): Summary | undefined {
    return this.#summary;
  }

  [Symbol.asyncIterator](): AsyncGenerator<Result, void, void> {
    if (this.#isRead) throw new TypeError('An answer can be read only once. Send the request again to repeat it.');
    this.#isRead = true;
    return this.#results;
  }

  async *#read(request: StreamRequest): AsyncGenerator<Result, void, void> {
    const { settings, options } = request;
    // A retry after the first results would repeat them, or mix two versions of a dictionary.
    const { exchange, batches, first } = await withRetries(() => open(request), settings, options);
    try {
      for (let batch: IteratorResult<unknown[], void> = first; !batch.done; batch = await batches.next()) {
        for (const value of batch.value) {
          if (this.#summary !== undefined) throw new UnexpectedAnswerError('The answer goes on after its last line.');
          if (isSummary(value)) this.#summary = toSummary(value);
          else yield value as Result;
          // Many results may have arrived with this one.
          options.signal?.throwIfAborted();
        }
      }
      if (this.#summary === undefined) throw brokenOff();
    } finally {
      exchange.close();
    }
  }
}

/** Sends the request, and waits for the first lines. */
async function open({ path, body, settings, options }: StreamRequest) {
  const exchange = new Exchange(settings, options);
  try {
    const response = await exchange.send({ path, accept: acceptOf(NDJSON_TYPE), body });
    await assertAnswer(exchange, response, NDJSON_TYPE);
    const batches = readLines(exchange, response);
    const first = await batches.next();
    if (first.done) throw brokenOff();
    return { exchange, batches, first };
  } catch (error) {
    exchange.close();
    throw error;
  }
}

function brokenOff(): ConnectionError {
  return new ConnectionError('The answer broke off: it has no last line.');
}
