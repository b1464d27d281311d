// When to stop working for a request: nobody waits for it any more, or its time is up.
import type { ServerResponse } from 'node:http';
import { AppError } from '../../errors.js';

/**
 * Aborts with an AbortError when the client leaves, and with `search_timeout` after so many milliseconds. A client that takes as
 * long again to read what it was sent until then is cut off.
 */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #response: ServerResponse;
  #timer: NodeJS.Timeout;
  #hasLeft = false;
  #others = 0;

  constructor(response: ServerResponse, timeoutMs: number) {
    this.#response = response;
    this.#timer = setTimeout(() => {
      this.#controller.abort(timeIsUp(timeoutMs));
      this.#timer = setTimeout(() => response.destroy(), timeoutMs);
    }, timeoutMs);
    const leave = () => {
      this.#hasLeft = true;
      this.#endIfUnwanted();
    };
    if (response.closed) leave();
    else response.once('close', leave);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Somebody else waits for the same: the client alone does not end it any more. */
  share(): void {
    this.#others += 1;
  }

  /** One of the others does not wait any more. */
  unshare(): void {
    this.#others -= 1;
    this.#endIfUnwanted();
  }

  #endIfUnwanted(): void {
    if (!this.#hasLeft || this.#others > 0) return;
    clearTimeout(this.#timer);
    abortUnlessSent(this.#controller, this.#response);
  }
}

/** A signal that aborts when the client has left. */
export function untilClosed(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  const close = () => abortUnlessSent(controller, response);
  if (response.closed) close();
  else response.once('close', close);
  return controller.signal;
}

/** Where all has been sent nobody works any more. */
function abortUnlessSent(controller: AbortController, response: ServerResponse): void {
  if (!response.writableFinished) controller.abort();
}

function timeIsUp(timeoutMs: number): AppError {
  return new AppError('search_timeout', `The search took longer than ${timeoutMs} ms.`);
}
