// What a call gave lately, for those who need not know the very latest.
import { SharedCall } from './single-flight.js';

interface Known<Value> {
  value: Value;
  atMs: number;
}

export class Recent<Value> {
  readonly #call: SharedCall<Value>;
  readonly #ageMs: number;
  #known: Known<Value> | undefined;

  /** @param ageMs how long a value is fresh, counted from the start of its call */
  constructor(call: (signal: AbortSignal) => Promise<Value>, ageMs: number) {
    this.#call = new SharedCall(async (signal) => {
      const atMs = performance.now();
      const value = await call(signal);
      this.#known = { value, atMs };
      return value;
    });
    this.#ageMs = ageMs;
  }

  /** Rejects as the call does, or with the signal's reason. Failures are not cached. */
  async get(signal: AbortSignal): Promise<Value> {
    signal.throwIfAborted();
    if (this.#known !== undefined && performance.now() - this.#known.atMs < this.#ageMs) return this.#known.value;
    return this.#call.join(signal);
  }
}
