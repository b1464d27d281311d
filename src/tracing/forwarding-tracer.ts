// Passes a caller's trace on to the services behind grepd, and records nothing itself.
import { ActiveSpan } from './active-span.js';
import { renderTraceHeaders, type TraceContext, type TraceHeaders } from './trace-context.js';
import type { Span, Tracer } from './tracer.js';

/** Costs nothing for requests without `traceparent`. */
export class ForwardingTracer implements Tracer {
  readonly #active = new ActiveSpan();

  get active(): Span | undefined {
    return this.#active.current;
  }

  startRequest(caller: TraceContext | undefined): Span | undefined {
    if (caller === undefined) return undefined;
    this.#active.beginRequest();
    return {
      context: caller,
      rename() {},
      setAttributes() {},
      link() {},
      end: () => this.#active.endRequest(),
    };
  }

  startSpan(): undefined {
    return undefined;
  }

  run<Result>(span: Span | undefined, work: () => Result): Result {
    return this.#active.run(span, work);
  }

  headers(span = this.active): TraceHeaders {
    return span === undefined ? {} : renderTraceHeaders(span.context);
  }

  async close(): Promise<void> {}
}
