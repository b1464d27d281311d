// Tracks which span the running code belongs to, across everything that it awaits.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Span } from './tracer.js';

export class ActiveSpan {
  readonly #storage = new AsyncLocalStorage<Span | undefined>();
  #requests = 0;

  get current(): Span | undefined {
    return this.#storage.getStore();
  }

  /** Must be followed by `endRequest`. */
  beginRequest(): void {
    this.#requests += 1;
  }

  /** An enabled storage slows down every promise of the process, so an unused one is disabled. */
  endRequest(): void {
    this.#requests -= 1;
    if (this.#requests === 0) this.#storage.disable();
  }

  run<Result>(span: Span | undefined, work: () => Result): Result {
    if (this.#requests === 0) return work();
    return this.#storage.run(span, work);
  }
}
