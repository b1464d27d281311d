// Shares one call among all callers that arrive before it starts, so no caller gets a stale result.
import { raceAbort } from './race-abort.js';

interface Call<Value> {
  result: Promise<Value>;
  settle: (result: Promise<Value>) => void;
  controller: AbortController;
  /** The number of callers waiting for the result. */
  callers: number;
}

/**
 * Runs one call at a time. Callers that arrive while it runs share the next one, because the
 * running call may have read old state. A call is aborted, or never starts, if all callers leave.
 */
export class TrailingCall<Value> {
  readonly #start: (signal: AbortSignal) => Promise<Value>;
  readonly #onIdle: () => void;
  #running: Call<Value> | undefined;
  #next: Call<Value> | undefined;

  /** @param onIdle runs when a call has ended and no call follows */
  constructor(start: (signal: AbortSignal) => Promise<Value>, onIdle = () => {}) {
    this.#start = start;
    this.#onIdle = onIdle;
  }

  /** Rejects as the call does, or with the signal's reason. Without a signal, waits to the end. */
  async run(signal?: AbortSignal): Promise<Value> {
    signal?.throwIfAborted();
    const call = this.#running === undefined ? createCall<Value>() : (this.#next ?? createCall<Value>());
    call.callers += 1;
    if (this.#running === undefined) this.#begin(call);
    else this.#next = call;
    try {
      return await raceAbort(call.result, signal);
    } finally {
      call.callers -= 1;
      if (call.callers === 0 && call === this.#running) call.controller.abort();
    }
  }

  #begin(call: Call<Value>): void {
    this.#running = call;
    const end = () => {
      const next = this.#next;
      this.#running = undefined;
      this.#next = undefined;
      if (next !== undefined && next.callers > 0) this.#begin(next);
      else this.#onIdle();
    };
    const result = this.#start(call.controller.signal);
    result.then(end, end);
    call.settle(result);
  }
}

function createCall<Value>(): Call<Value> {
  let settle: Call<Value>['settle'] = () => {};
  const result = new Promise<Value>((resolve) => {
    settle = resolve;
  });
  // Avoid an unhandled rejection if all callers have left.
  result.catch(() => {});
  return { result, settle, controller: new AbortController(), callers: 0 };
}
