// Records one step of a request as a span.
import { AppError } from '../errors.js';
import type { Span, SpanOptions, Tracer } from './tracer.js';

/** Runs the work as a span with this name, if there is a tracer and a request that is traced. */
export async function withSpan<Result>(
  tracer: Tracer | undefined,
  name: string,
  options: SpanOptions,
  work: (span?: Span) => Promise<Result>,
): Promise<Result> {
  const span = tracer?.startSpan(name, options);
  if (tracer === undefined || span === undefined) return await work();
  let failure: string | undefined;
  try {
    return await tracer.run(span, () => work(span));
  } catch (error) {
    failure = failureOf(error);
    throw error;
  } finally {
    span.end(failure);
  }
}

/** Returns a code or the name of the class: messages may quote search terms. */
export function failureOf(error: unknown): string {
  if (error instanceof AppError) return error.code;
  return error instanceof Error ? error.name : 'unknown';
}
