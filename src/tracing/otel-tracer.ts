// Records traces with the OpenTelemetry SDK and sends them by OTLP. Loaded only if an endpoint is
// set: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/

import type { Context, Span as OtelSpan, Tracer as SdkTracer } from '@opentelemetry/api';
import { createTraceState, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { ActiveSpan } from './active-span.js';
import { ReportingExporter, reportWarnings, type TraceProblems } from './export-problems.js';
import { renderTraceHeaders, type TraceContext, type TraceHeaders } from './trace-context.js';
import type { Span, SpanAttributes, SpanOptions, Tracer } from './tracer.js';

export interface OtelOptions {
  /** The version of grepd. */
  version: string;
  /** Reports problems of the SDK, which never affect requests. */
  problems: TraceProblems;
  /** Where to send traces. By default, the SDK reads it from OTEL_…, as it does its other options. */
  url?: string;
}

/** How long `close` waits for the last export. */
const CLOSE_TIMEOUT_MS = 1_000;

const KINDS = { internal: SpanKind.INTERNAL, server: SpanKind.SERVER, client: SpanKind.CLIENT };

export function openOtelTracer({ version, problems, url }: OtelOptions): Tracer {
  reportWarnings(problems);
  const own = resourceFromAttributes({
    'service.name': 'grepd',
    'service.version': version,
    'process.pid': process.pid,
  });
  const exporter = new OTLPTraceExporter(url === undefined ? {} : { url });
  const provider = new BasicTracerProvider({
    resource: own.merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor(new ReportingExporter(exporter, problems))],
  });
  return new OtelTracer(provider.getTracer('grepd', version), () => provider.shutdown());
}

/** A span whose SDK counterpart the tracer needs for children and links. */
interface RecordedSpan extends Span {
  readonly otel: OtelSpan;
}

class OtelTracer implements Tracer {
  readonly #sdk: SdkTracer;
  readonly #shutdown: () => Promise<void>;
  readonly #active = new ActiveSpan();

  constructor(sdk: SdkTracer, shutdown: () => Promise<void>) {
    this.#sdk = sdk;
    this.#shutdown = shutdown;
  }

  get active(): Span | undefined {
    return this.#active.current;
  }

  startRequest(caller: TraceContext | undefined, name: string, attributes: SpanAttributes): Span {
    const parent = caller === undefined ? ROOT_CONTEXT : contextOf(caller);
    const otel = this.#sdk.startSpan(name, { kind: SpanKind.SERVER, attributes }, parent);
    this.#active.beginRequest();
    return createSpan(otel, () => this.#active.endRequest());
  }

  startSpan(name: string, { kind = 'internal', attributes, parent, links = [] }: SpanOptions = {}): Span | undefined {
    const { otel: parentSpan } = ((parent ?? this.active) as RecordedSpan | undefined) ?? {};
    if (parentSpan === undefined) return undefined;
    const otel = this.#sdk.startSpan(
      name,
      {
        kind: KINDS[kind],
        ...(attributes !== undefined && { attributes }),
        links: links.map((span) => ({ context: (span as RecordedSpan).otel.spanContext() })),
      },
      trace.setSpan(ROOT_CONTEXT, parentSpan),
    );
    return createSpan(otel);
  }

  run<Result>(span: Span | undefined, work: () => Result): Result {
    return this.#active.run(span, work);
  }

  headers(span = this.active): TraceHeaders {
    return span === undefined ? {} : renderTraceHeaders(span.context);
  }

  async close(): Promise<void> {
    const timer = new Promise((resolve) => setTimeout(resolve, CLOSE_TIMEOUT_MS).unref());
    // The exporter reports its failures itself.
    await Promise.race([this.#shutdown().catch(() => {}), timer]);
  }
}

function createSpan(otel: OtelSpan, onEnd = () => {}): RecordedSpan {
  const { traceId, spanId, traceFlags, traceState } = otel.spanContext();
  return {
    otel,
    context: { traceId, spanId, flags: traceFlags, state: traceState?.serialize() || undefined },
    rename: (name) => void otel.updateName(name),
    setAttributes: (attributes) => {
      for (const [name, value] of Object.entries(attributes)) if (value !== undefined) otel.setAttribute(name, value);
    },
    link: (other) => void otel.addLink({ context: (other as RecordedSpan).otel.spanContext() }),
    end: (failure) => {
      if (failure !== undefined) {
        otel.setAttribute('error.type', failure);
        otel.setStatus({ code: SpanStatusCode.ERROR });
      }
      otel.end();
      onEnd();
    },
  };
}

function contextOf({ traceId, spanId, flags, state }: TraceContext): Context {
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    traceFlags: flags,
    isRemote: true,
    ...(state !== undefined && { traceState: createTraceState(state) }),
  });
}
