// Reports problems with the export of traces, at most once a minute: while a collector is down,
// exports fail every few seconds, and no request is affected.
import { DiagLogLevel, diag } from '@opentelemetry/api';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base';

export interface TraceProblems {
  /** Spans couldn't be sent. `failures` counts those since the last report. */
  onExportFailed: (problem: { reason: string; failures: number }) => void;
  /** The SDK ignores a setting, or drops spans. */
  onWarning: (problem: { reason: string }) => void;
}

const REPORT_INTERVAL_MS = 60_000;

type Callback = Parameters<SpanExporter['export']>[1];

export class ReportingExporter implements SpanExporter {
  readonly #exporter: SpanExporter;
  readonly #problems: TraceProblems;
  #failures = 0;
  #nextReportMs = 0;

  constructor(exporter: SpanExporter, problems: TraceProblems) {
    this.#exporter = exporter;
    this.#problems = problems;
  }

  export(spans: ReadableSpan[], callback: Callback): void {
    this.#exporter.export(spans, (result) => {
      if (result.code !== 0) this.#reportFailure(result.error);
      callback(result);
    });
  }

  forceFlush(): Promise<void> {
    return this.#exporter.forceFlush?.() ?? Promise.resolve();
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown();
  }

  #reportFailure(error: Error | undefined): void {
    this.#failures += 1;
    if (performance.now() < this.#nextReportMs) return;
    this.#nextReportMs = performance.now() + REPORT_INTERVAL_MS;
    this.#problems.onExportFailed({ reason: reasonOf(error), failures: this.#failures });
    this.#failures = 0;
  }
}

/** Omits the response of the collector, which could quote attributes. */
function reasonOf(error: (Error & { code?: string | number }) | undefined): string {
  if (error === undefined) return 'unknown';
  return error.message || String(error.code ?? error.name);
}

/** The SDK has one logger per process. Failed exports are reported without it. */
export function reportWarnings({ onWarning }: TraceProblems): void {
  const ignore = () => {};
  const warn = (reason: string) => onWarning({ reason });
  const logger = { error: ignore, warn, info: ignore, debug: ignore, verbose: ignore };
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
}
