// The HTTP server. Errors that Node itself would answer without a body get the usual JSON.
import { randomUUID } from 'node:crypto';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import { renderValue } from '../config/field-table.js';
import { AppError } from '../errors.js';
import type { RequestObservation } from '../runtime/metrics/metrics.js';
import { MAX_BODY_BYTES } from './api/body-parser.js';
import { Connection } from './connection/connection.js';
import { renderErrorResponse } from './error-response.js';

export interface ServerOptions {
  handle: RequestListener;
  /** The time limit for receiving a request. */
  requestTimeoutMs: number;
  /** How long a client may go without reading any of its response. */
  sendTimeoutMs: number;
  /** Requests whose bodies may take longer, and the longest that they may take. */
  uploads?: { isUpload: (request: IncomingMessage) => boolean; timeoutMs: number } | undefined;
  log: Logger;
  observe: (request: RequestObservation) => void;
}

/** How often connections are checked for slow clients. */
const CHECK_INTERVAL_MS = 1_000;

/** An undocumented Node option: a client that half-closes still gets its response. */
type HalfOpenServer = Server & { httpAllowHalfOpen: boolean };

/**
 * Creates a server that answers even malformed requests as JSON, and disconnects clients that
 * stall. The caller listens, and sets `keepAliveTimeout` in milliseconds.
 */
export function createHttpServer(options: ServerOptions): Server {
  const { handle, requestTimeoutMs, sendTimeoutMs, uploads, log, observe } = options;
  const connections = new Map<Duplex, Connection>();

  class Response extends ServerResponse {
    override writeHead(...args: unknown[]): this {
      connections.get(this.req.socket)?.prepareResponse(this);
      return (super.writeHead as (...args: unknown[]) => this).apply(this, args);
    }
  }

  const enqueue = (listener: RequestListener) => (request: IncomingMessage, response: ServerResponse) => {
    // A request has more `close` listeners than the ten at which Node suspects a leak.
    response.setMaxListeners(50);
    connections.get(request.socket)?.add(response, () => listener(request, response));
  };

  const checkIntervalMs = Math.min(CHECK_INTERVAL_MS, requestTimeoutMs);
  const server = createServer({
    ServerResponse: Response,
    requestTimeout: Math.max(requestTimeoutMs, uploads?.timeoutMs ?? 0),
    headersTimeout: requestTimeoutMs,
    connectionsCheckingInterval: checkIntervalMs,
    requireHostHeader: false,
    // A pipelined request isn't read while it waits: its body must fit the buffer or time out.
    highWaterMark: 2 * MAX_BODY_BYTES,
  });
  (server as HalfOpenServer).httpAllowHalfOpen = true;

  server.on('connection', (socket: Socket) => {
    connections.set(socket, new Connection(socket, { sendTimeoutMs, lingerMs: requestTimeoutMs }));
    socket.once('close', () => connections.delete(socket));
  });
  const timer = setInterval(() => {
    const nowMs = performance.now();
    // Node.js closes connections that are silent or too slow sooner, and answers the slow ones.
    const maxIdleMs = server.keepAliveTimeout + requestTimeoutMs + 2 * checkIntervalMs;
    for (const [socket, connection] of connections) {
      // Node.js has one time limit for all requests: the longer one of uploads.
      const isOverdue = uploads !== undefined && connection.isOverdue(nowMs, requestTimeoutMs, uploads.isUpload);
      if (isOverdue) connection.reject(() => rejectRaw(socket, timeoutError(requestTimeoutMs)));
      connection.closeIfReadingStalls(nowMs);
      connection.closeIfBodyIsLarge();
      connection.closeIfIdle(nowMs, maxIdleMs);
    }
  }, checkIntervalMs).unref();
  server.once('close', () => clearInterval(timer));

  server.on(
    'request',
    enqueue((request, response) => {
      // RFC 9112, section 3.2.
      if (request.httpVersion === '1.1' && request.headers.host === undefined) {
        reject(response, new AppError('invalid_request', 'The Host header is missing.'));
      } else handle(request, response);
    }),
  );
  server.on(
    'checkExpectation',
    enqueue((request, response) => {
      reject(
        response,
        new AppError('expectation_failed', `Expect must be 100-continue, got ${renderValue(request.headers.expect)}.`),
      );
    }),
  );
  server.on('connect', (_request: IncomingMessage, socket: Duplex) => {
    // Node has detached from the socket and removed its error listener.
    socket.on('error', () => {});
    const error = new AppError('method_not_implemented', 'The method CONNECT is not implemented.');
    connections.get(socket)?.reject(() => rejectRaw(socket, error));
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (!socket.writable || error.code === 'ECONNRESET') socket.destroy();
    else connections.get(socket)?.reject(() => rejectRaw(socket, toAppError(error, requestTimeoutMs)));
  });
  return server;

  function reject(response: ServerResponse, error: AppError): void {
    const { status, headers, body } = renderErrorResponse(error);
    response.writeHead(status, {
      ...headers,
      'X-Request-Id': logRejection(error),
      'Content-Length': Buffer.byteLength(body),
    });
    response.end(body);
  }

  function rejectRaw(socket: Duplex, error: AppError): void {
    const { status, headers, body } = renderErrorResponse(error);
    const fields = {
      ...headers,
      'X-Request-Id': logRejection(error),
      'Content-Length': Buffer.byteLength(body),
      Connection: 'close',
    };
    const lines = Object.entries(fields).flatMap(([name, value]) => [value].flat().map((line) => [name, line]));
    const head = lines.map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head.join('')}\r\n${body}`);
    connections.get(socket)?.close();
  }

  function logRejection(error: AppError): string {
    const id = randomUUID();
    const { status } = error.kind;
    log.info({ id, status, reason: error.message }, 'malformed request');
    observe({ route: 'none', action: '', status, ms: 0, key: undefined });
    return id;
  }
}

/** Translates the error codes of llhttp and of Node's HTTP server. */
function toAppError(error: NodeJS.ErrnoException, requestTimeoutMs: number): AppError {
  switch (error.code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return timeoutError(requestTimeoutMs, error);
    case 'HPE_HEADER_OVERFLOW':
      return new AppError('header_too_large', 'The headers are too large.', { cause: error });
    case 'HPE_INVALID_METHOD':
      return new AppError('method_not_implemented', 'Unknown HTTP method.', { cause: error });
    default:
      return new AppError('invalid_request', `Malformed HTTP request: ${error.message}.`, { cause: error });
  }
}

function timeoutError(requestTimeoutMs: number, cause?: unknown): AppError {
  return new AppError('request_timeout', `The request took longer than ${requestTimeoutMs} ms to arrive.`, { cause });
}
