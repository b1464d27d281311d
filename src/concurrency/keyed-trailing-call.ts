import { TrailingCall } from './trailing-call.js';

/** One `TrailingCall` per key. Removes a key's entry when its last look-up ends. */
export class KeyedTrailingCall<Key, Value> {
  readonly #lookUp: (key: Key, signal: AbortSignal) => Promise<Value>;
  readonly #calls = new Map<Key, TrailingCall<Value>>();

  constructor(lookUp: (key: Key, signal: AbortSignal) => Promise<Value>) {
    this.#lookUp = lookUp;
  }

  /** The number of keys that are being looked up. */
  get size(): number {
    return this.#calls.size;
  }

  async run(key: Key, signal?: AbortSignal): Promise<Value> {
    signal?.throwIfAborted();
    return this.#callFor(key).run(signal);
  }

  #callFor(key: Key): TrailingCall<Value> {
    const running = this.#calls.get(key);
    if (running !== undefined) return running;
    const call = new TrailingCall(
      (signal) => this.#lookUp(key, signal),
      () => this.#calls.delete(key),
    );
    this.#calls.set(key, call);
    return call;
  }
}
