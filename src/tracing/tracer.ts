// Traces: how long each step of a request took. Code that does the work depends on this interface
// only. If nothing needs traces, it gets no tracer, and creates no spans.
import type { TraceContext, TraceHeaders } from './trace-context.js';

export type SpanKind = 'internal' | 'server' | 'client';

export type SpanAttributes = Record<string, string | number | boolean | undefined>;

export interface SpanOptions {
  kind?: SpanKind;
  /** Must not contain search terms, except for `grepd.term`. */
  attributes?: SpanAttributes;
  /** By default, the active span. Without either, no span is started. */
  parent?: Span | undefined;
  /** Spans of other requests that this one serves too. */
  links?: readonly Span[];
}

/** A step of a request, with its duration. */
export interface Span {
  readonly context: TraceContext;
  rename(name: string): void;
  /** Ignores attributes that are undefined. */
  setAttributes(attributes: SpanAttributes): void;
  link(other: Span): void;
  /**
   * Ends the span.
   *
   * @param failure why it failed: a code, or the name of an error class, never its message
   */
  end(failure?: string): void;
}

export interface Tracer {
  /** The span of the code that is running, in whichever request that is. */
  readonly active: Span | undefined;
  /** Starts the span of a request. Returns `undefined` if the request needs none. */
  startRequest(caller: TraceContext | undefined, name: string, attributes: SpanAttributes): Span | undefined;
  /** Returns `undefined` if spans aren't recorded, or there is no parent. */
  startSpan(name: string, options?: SpanOptions): Span | undefined;
  /** Runs the work with the span as the active one, or with none, in all that the work awaits. */
  run<Result>(span: Span | undefined, work: () => Result): Result;
  /** Returns the headers by which another service continues the trace of the active span. */
  headers(span?: Span): TraceHeaders;
  /** Sends what hasn't been sent yet, within about a second. */
  close(): Promise<void>;
}
