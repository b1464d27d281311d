// An in-process collector: receives traces by OTLP over HTTP as JSON, and keeps their spans.
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';

export interface ReceivedSpan {
  name: string;
  traceId: string;
  spanId: string;
  /** Empty for the first span of a trace. */
  parentSpanId: string;
  /** The numbers of OTLP: 1 internal, 2 server, 3 client. */
  kind: number;
  attributes: Record<string, unknown>;
  links: { traceId: string; spanId: string }[];
  /** Whether it ended with an error. */
  isError: boolean;
  startNs: bigint;
  endNs: bigint;
  traceState: string | undefined;
}

export interface OtlpReceiver {
  /** The endpoint, for OTEL_EXPORTER_OTLP_ENDPOINT. */
  endpoint: string;
  /** Where traces go. */
  url: string;
  spans: ReceivedSpan[];
  /** The attributes of the process that sent each request. */
  resources: Record<string, unknown>[];
  /** The headers and the raw body of each request. */
  requests: { headers: IncomingHttpHeaders; body: string }[];
  /** The status that further requests get. */
  status: number;
  /** Waits until that many spans with this name have arrived, and returns them. */
  waitFor: (name: string, count?: number) => Promise<ReceivedSpan[]>;
  close: () => Promise<void>;
}

interface KeyValue {
  key: string;
  value: Record<string, unknown>;
}

interface OtlpSpan extends Omit<ReceivedSpan, 'attributes' | 'links'> {
  attributes?: KeyValue[];
  links?: ReceivedSpan['links'];
  status?: { code?: number };
  startTimeUnixNano: string;
  endTimeUnixNano: string;
}

interface OtlpRequest {
  resourceSpans: { resource: { attributes: KeyValue[] }; scopeSpans: { spans: OtlpSpan[] }[] }[];
}

const STATUS_ERROR = 2;

export async function otlpReceiver(): Promise<OtlpReceiver> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    const body = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString();
    receiver.requests.push({ headers: request.headers, body });
    response.statusCode = receiver.status;
    if (receiver.status === 200 && request.url === '/v1/traces') receive(JSON.parse(body) as OtlpRequest);
    response.setHeader('Content-Type', 'application/json').end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const receiver: OtlpReceiver = {
    endpoint,
    url: `${endpoint}/v1/traces`,
    spans: [],
    resources: [],
    requests: [],
    status: 200,
    waitFor: async (name, count = 1) => {
      for (;;) {
        const found = receiver.spans.filter((span) => span.name === name);
        if (found.length >= count) return found;
        await sleep(5);
      }
    },
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
  const receive = ({ resourceSpans }: OtlpRequest) => {
    for (const { resource, scopeSpans } of resourceSpans) {
      receiver.resources.push(toObject(resource.attributes));
      receiver.spans.push(...scopeSpans.flatMap(({ spans }) => spans.map(toReceivedSpan)));
    }
  };
  return receiver;
}

function toReceivedSpan(span: OtlpSpan): ReceivedSpan {
  const { name, traceId, spanId, parentSpanId = '', kind, attributes = [], links = [], traceState } = span;
  return {
    name,
    traceId,
    spanId,
    parentSpanId,
    kind,
    attributes: toObject(attributes),
    links: links.map((link) => ({ traceId: link.traceId, spanId: link.spanId })),
    isError: span.status?.code === STATUS_ERROR,
    startNs: BigInt(span.startTimeUnixNano),
    endNs: BigInt(span.endTimeUnixNano),
    traceState,
  };
}

function toObject(attributes: KeyValue[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
