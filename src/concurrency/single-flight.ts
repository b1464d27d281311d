// Suppresses duplicate calls: callers that arrive while a call runs share its result.
import { raceAbort } from './race-abort.js';

interface Flight<Value> {
  result: Promise<Value>;
  isSettled: boolean;
  controller: AbortController;
  /** The number of callers waiting for the result. */
  callers: number;
}

/** Unlike `TrailingCall`, callers may get what was current when the call started. */
export class SingleFlight<Value> {
  readonly #start: (signal: AbortSignal) => Promise<Value>;
  #current: Flight<Value> | undefined;

  /** @param start gets a signal that aborts if all callers leave before it settles */
  constructor(start: (signal: AbortSignal) => Promise<Value>) {
    this.#start = start;
  }

  /** Rejects as the call does, or with the signal's reason, without affecting other callers. */
  async run(signal: AbortSignal): Promise<Value> {
    signal.throwIfAborted();
    this.#current ??= this.#begin();
    const flight = this.#current;
    flight.callers += 1;
    try {
      return await raceAbort(flight.result, signal);
    } finally {
      flight.callers -= 1;
      if (flight.callers === 0 && !flight.isSettled) {
        // A caller that arrives now must not join a call that is about to be aborted.
        this.#forget(flight);
        flight.controller.abort();
      }
    }
  }

  #begin(): Flight<Value> {
    const controller = new AbortController();
    const flight = { result: this.#start(controller.signal), controller, callers: 0, isSettled: false };
    const settle = () => {
      flight.isSettled = true;
      this.#forget(flight);
    };
    // The first handlers, so they run before those of callers. They also handle a late rejection.
    flight.result.then(settle, settle);
    return flight;
  }

  #forget(flight: Flight<Value>): void {
    if (this.#current === flight) this.#current = undefined;
  }
}
