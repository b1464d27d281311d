// Opens the tracer that the settings need, if any.
import type { TraceProblems } from './export-problems.js';
import type { Tracer } from './tracer.js';

export interface TracerOptions {
  /** Whether spans are recorded and sent. */
  isRecording: boolean;
  /** Whether there are services behind grepd to which callers' traces are passed on. */
  isForwarding: boolean;
  version: () => Promise<string>;
  problems: TraceProblems;
}

/** Loads OpenTelemetry only if spans are recorded. */
export async function openTracer({
  isRecording,
  isForwarding,
  version,
  problems,
}: TracerOptions): Promise<Tracer | undefined> {
  if (isRecording) {
    const { openOtelTracer } = await import('./otel-tracer.js');
    return openOtelTracer({ version: await version(), problems });
  }
  if (!isForwarding) return undefined;
  const { ForwardingTracer } = await import('./forwarding-tracer.js');
  return new ForwardingTracer();
}
