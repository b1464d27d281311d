// Caches one value for a short time, and loads it at most once at a time.
import { SingleFlight } from './single-flight.js';

export class TtlCache<Value> {
  readonly #load: SingleFlight<Value>;
  readonly #ttlMs: number;
  #cached: { value: Value; loadedMs: number } | undefined;

  /** @param ttlMs how long a value is fresh, counted from when its load started */
  constructor(load: (signal: AbortSignal) => Promise<Value>, ttlMs: number) {
    this.#load = new SingleFlight(async (signal) => {
      const loadedMs = performance.now();
      const value = await load(signal);
      this.#cached = { value, loadedMs };
      return value;
    });
    this.#ttlMs = ttlMs;
  }

  /** Rejects as the load does, or with the signal's reason. Failures are not cached. */
  async get(signal: AbortSignal): Promise<Value> {
    signal.throwIfAborted();
    if (this.#cached !== undefined && performance.now() - this.#cached.loadedMs < this.#ttlMs)
      return this.#cached.value;
    return this.#load.run(signal);
  }
}
