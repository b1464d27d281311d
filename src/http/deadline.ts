// When to stop working for a request: the client has left, or its time is up.
import type { ServerResponse } from 'node:http';
import { AppError } from '../errors.js';

/**
 * A signal that aborts with an AbortError when the client leaves, and with `search_timeout` after so many milliseconds. A client
 * that takes as long again to read what it was sent until then is cut off.
 */
export function searchSignal(response: ServerResponse, timeoutMs: number): AbortSignal {
  const controller = abortOnClose(response);
  let timer = setTimeout(() => {
    controller.abort(timeIsUp(timeoutMs));
    timer = setTimeout(() => response.destroy(), timeoutMs);
  }, timeoutMs);
  response.once('close', () => clearTimeout(timer));
  return controller.signal;
}

/** A signal that aborts with another one, with `search_timeout` after so many milliseconds, and when it is ended; not after it is lifted. */
export function timeLimit(timeoutMs: number, other: AbortSignal): TimeLimit {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(timeIsUp(timeoutMs)), timeoutMs);
  const follow = () => end(other.reason);
  const lift = () => {
    clearTimeout(timer);
    other.removeEventListener('abort', follow);
  };
  const end = (reason: unknown) => {
    lift();
    controller.abort(reason);
  };
  other.addEventListener('abort', follow, { once: true });
  return { signal: controller.signal, end, lift };
}

interface TimeLimit {
  signal: AbortSignal;
  end: (reason: unknown) => void;
  lift: () => void;
}

function timeIsUp(timeoutMs: number): AppError {
  return new AppError('search_timeout', `The search took longer than ${timeoutMs} ms.`);
}

/** A controller that aborts when the client has left. */
export function abortOnClose(response: ServerResponse): AbortController {
  const controller = new AbortController();
  // Where all has been sent nobody works any more.
  const close = () => {
    if (!response.writableFinished) controller.abort();
  };
  if (response.closed) close();
  else response.once('close', close);
  return controller;
}
