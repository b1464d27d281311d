// What a call gave lately, for those who need not know the very latest.
import { SharedCall } from './shared-call.js';

interface Known<Value> {
  value: Value;
  atMs: number;
}

export class Recent<Value> {
  readonly #call: SharedCall<Value>;
  readonly #ageMs: number;
  #known: Known<Value> | undefined;

  /** @param ageMs how old what is known may be, counted from the beginning of its call */
  constructor(call: (signal: AbortSignal) => Promise<Value>, ageMs: number) {
    this.#call = new SharedCall(async (signal) => {
      const atMs = performance.now();
      const value = await call(signal);
      this.#known = { value, atMs };
      return value;
    });
    this.#ageMs = ageMs;
  }

  /** Throws what the call throws, or the signal's reason. A failure is not remembered. */
  async get(signal: AbortSignal): Promise<Value> {
    signal.throwIfAborted();
    if (this.#known !== undefined && performance.now() - this.#known.atMs < this.#ageMs) return this.#known.value;
    return this.#call.join(signal);
  }
}
