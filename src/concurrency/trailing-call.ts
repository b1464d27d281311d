// Shares one call among all callers that arrive before it starts, so no caller gets a stale result.
import { raceAbort } from './race-abort.js';

interface Call<Value> {
  result: Promise<Value>;
  settle: (result: Promise<Value>) => void;
  controller: AbortController;
  /** The number of callers waiting for the result. */
  callers: number;
  hasStarted: boolean;
}

/**
 * Runs one call at a time. It starts in the next phase of the event loop, so that all requests that
 * are read in this one share it. Callers that arrive while it runs share the next call, because the
 * running one may have read old state. A call is aborted, or never starts, if all callers leave.
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
    const call = this.#joinableCall();
    call.callers += 1;
    try {
      return await raceAbort(call.result, signal);
    } finally {
      call.callers -= 1;
      if (call.callers === 0 && call.hasStarted && call === this.#running) call.controller.abort();
    }
  }

  #joinableCall(): Call<Value> {
    if (this.#running === undefined) {
      this.#running = createCall<Value>();
      this.#schedule(this.#running);
    }
    if (!this.#running.hasStarted) return this.#running;
    this.#next ??= createCall<Value>();
    return this.#next;
  }

  #schedule(call: Call<Value>): void {
    setImmediate(() => {
      if (call.callers > 0) this.#begin(call);
      else this.#end();
    });
  }

  #begin(call: Call<Value>): void {
    call.hasStarted = true;
    const result = this.#start(call.controller.signal);
    const end = () => this.#end();
    result.then(end, end);
    call.settle(result);
  }

  #end(): void {
    this.#running = this.#next;
    this.#next = undefined;
    if (this.#running === undefined) this.#onIdle();
    else this.#schedule(this.#running);
  }
}

function createCall<Value>(): Call<Value> {
  let settle: Call<Value>['settle'] = () => {};
  const result = new Promise<Value>((resolve) => {
    settle = resolve;
  });
  // Avoid an unhandled rejection if all callers have left.
  result.catch(() => {});
  return { result, settle, controller: new AbortController(), callers: 0, hasStarted: false };
}
