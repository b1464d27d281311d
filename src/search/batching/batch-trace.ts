// Records how a search waits for a batch, and the batch, which belongs to the trace of its first
// search. The waits of the others link to it, and it links to them.
import type { Span, Tracer } from '../../tracing/tracer.js';
import { failureOf } from '../../tracing/with-span.js';

export class BatchTrace {
  readonly #tracer: Tracer;
  /** The span of the request, or of the step of it that searches. */
  readonly #parent: Span;
  #wait: Span | undefined;

  private constructor(tracer: Tracer, parent: Span) {
    this.#tracer = tracer;
    this.#parent = parent;
    this.waitAgain();
  }

  /** Returns `undefined` if the search isn't traced. */
  static start(tracer: Tracer | undefined): BatchTrace | undefined {
    const parent = tracer?.active;
    return tracer === undefined || parent === undefined ? undefined : new BatchTrace(tracer, parent);
  }

  /**
   * Runs a batch for searches, some of which may be traced. Batches follow one another, so without
   * a traced search, this one must not continue the trace of an earlier batch.
   */
  static async run<Result>(
    tracer: Tracer | undefined,
    searches: readonly { trace: BatchTrace | undefined }[],
    work: () => Promise<Result>,
  ): Promise<Result> {
    if (tracer === undefined) return await work();
    const traces = searches.flatMap(({ trace }) => trace ?? []);
    const [first, ...others] = traces;
    if (first === undefined) return await tracer.run(undefined, work);
    const span = tracer.startSpan('batch', {
      parent: first.#parent,
      links: others.map((trace) => trace.#parent),
      attributes: { 'grepd.batch.searches': searches.length },
    });
    for (const trace of traces) trace.#endWait(span);
    try {
      // Without a span of its own, the batch continues the trace of its first search.
      return await tracer.run(span ?? first.#parent, work);
    } finally {
      span?.end();
    }
  }

  waitAgain(): void {
    this.#wait = this.#tracer.startSpan('queue wait', { parent: this.#parent });
  }

  /** The client has disconnected, perhaps while the search was waiting. */
  leave(reason: unknown): void {
    this.#wait?.end(failureOf(reason));
    this.#wait = undefined;
  }

  #endWait(batch: Span | undefined): void {
    if (batch !== undefined) this.#wait?.link(batch);
    this.#wait?.end();
    this.#wait = undefined;
  }
}
