// Records a run of grep as a span, without its arguments, which contain search terms.
import type { Span, Tracer } from '../../tracing/tracer.js';
import type { GrepOutcome } from '../search-counts.js';

/** @param isForked whether a fork server starts it */
export function startGrepSpan(tracer: Tracer | undefined, isForked: boolean): Span | undefined {
  return tracer?.startSpan('grep', {
    attributes: { 'process.executable.name': 'grep', 'grepd.grep.forked': isForked },
  });
}

export function endGrepSpan(span: Span | undefined, outcome: GrepOutcome): void {
  span?.setAttributes({ 'grepd.grep.outcome': outcome });
  span?.end(outcome === 'failed' ? 'grep_failed' : undefined);
}
