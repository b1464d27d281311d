// When to abort the work for a request: its client disconnects, or its time limit passes.
import { setMaxListeners } from 'node:events';
import type { ServerResponse } from 'node:http';
import { AppError } from '../../errors.js';

/**
 * Aborts with an AbortError when the client disconnects, and with `search_timeout` after
 * `timeoutMs`. A response that takes twice as long is destroyed: its client reads too slowly.
 */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #response: ServerResponse;
  #timer: NodeJS.Timeout;
  #isClosed = false;
  /** The number of other requests that wait for the result. */
  #references = 0;

  constructor(response: ServerResponse, timeoutMs: number) {
    this.#response = response;
    // A query of several terms has a search for each. By default, Node.js warns of 11 listeners.
    setMaxListeners(0, this.#controller.signal);
    this.#timer = setTimeout(() => {
      this.#controller.abort(timeoutError(timeoutMs));
      this.#timer = setTimeout(() => response.destroy(), timeoutMs);
    }, timeoutMs);
    const close = () => {
      this.#isClosed = true;
      this.#abortIfUnused();
    };
    if (response.closed) close();
    else response.once('close', close);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Keeps the work alive for another request, even if the client disconnects. */
  retain(): void {
    this.#references += 1;
  }

  /** Ends a `retain`. */
  release(): void {
    this.#references -= 1;
    this.#abortIfUnused();
  }

  #abortIfUnused(): void {
    if (!this.#isClosed || this.#references > 0) return;
    clearTimeout(this.#timer);
    abortUnlessFinished(this.#controller, this.#response);
  }
}

/** Returns a signal that aborts when the client disconnects. */
export function disconnectSignal(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  const close = () => abortUnlessFinished(controller, response);
  if (response.closed) close();
  else response.once('close', close);
  return controller.signal;
}

/** `close` also follows a complete response, whose work is already done. */
function abortUnlessFinished(controller: AbortController, response: ServerResponse): void {
  if (!response.writableFinished) controller.abort();
}

function timeoutError(timeoutMs: number): AppError {
  return new AppError('search_timeout', `The search took longer than ${timeoutMs} ms.`);
}
