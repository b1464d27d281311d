// The HTTP server. Node answers some requests by itself, without a body; here they get the same JSON as all others.
import { randomUUID } from 'node:crypto';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import { AppError } from '../errors.js';
import type { RequestObservation } from '../runtime/metrics.js';
import { errorAnswer } from './error-answer.js';

export interface ServerOptions {
  handle: RequestListener;
  requestTimeoutMs: number;
  log: Logger;
  observe: (request: RequestObservation) => void;
}

/** The latest answer on a connection. */
const ANSWER = Symbol('answer');
type Answered = Duplex & { [ANSWER]?: ServerResponse };

export function createHttpServer({ handle, requestTimeoutMs, log, observe }: ServerOptions): Server {
  const take = (listener: RequestListener) => (request: IncomingMessage, response: ServerResponse) => {
    (request.socket as Answered)[ANSWER] = response;
    // Whoever works for the request wants to know when it is over; Node warns of more than ten.
    response.setMaxListeners(50);
    listener(request, response);
  };

  const server = createServer({
    requestTimeout: requestTimeoutMs,
    headersTimeout: requestTimeoutMs,
    // How often Node looks for requests that are too slow.
    connectionsCheckingInterval: Math.min(1_000, requestTimeoutMs),
    requireHostHeader: false,
  });
  server.on(
    'request',
    take((request, response) => {
      // RFC 9112, section 3.2.
      if (request.httpVersion === '1.1' && request.headers.host === undefined) {
        refuse(response, new AppError('invalid_request', 'The Host header is missing.'));
      } else handle(request, response);
    }),
  );
  server.on(
    'checkExpectation',
    take((request, response) => {
      refuse(
        response,
        new AppError(
          'expectation_failed',
          `Expect must be 100-continue, got ${JSON.stringify(request.headers.expect)}.`,
        ),
      );
    }),
  );
  server.on('connect', (_request: IncomingMessage, socket: Duplex) => {
    refuseRaw(socket, new AppError('method_not_implemented', 'The method CONNECT is not implemented.'));
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const answer = (socket as Answered)[ANSWER];
    const answered = answer?.headersSent === true && !(answer.writableFinished && answer.req.complete);
    // No request is answered twice, and what the client has closed not at all.
    if (answered || !socket.writable || error.code === 'ECONNRESET') socket.destroy();
    else refuseRaw(socket, asAppError(error, requestTimeoutMs));
  });
  return server;

  function refuse(response: ServerResponse, error: AppError): void {
    const { status, headers, body } = errorAnswer(error);
    response.writeHead(status, {
      ...headers,
      'X-Request-Id': logRefusal(error),
      'Content-Length': Buffer.byteLength(body),
    });
    response.end(body);
  }

  function refuseRaw(socket: Duplex, error: AppError): void {
    const { status, headers, body } = errorAnswer(error);
    const fields = {
      ...headers,
      'X-Request-Id': logRefusal(error),
      'Content-Length': Buffer.byteLength(body),
      Connection: 'close',
    };
    const head = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head.join('')}\r\n${body}`);
  }

  function logRefusal(error: AppError): string {
    const id = randomUUID();
    const { status } = error.kind;
    log.info({ id, status, reason: error.message }, 'not a request');
    observe({ route: 'none', action: '', status, ms: 0, key: undefined });
    return id;
  }
}

/** What is wrong with what came instead of a request. The codes are those of llhttp and of Node. */
function asAppError(error: NodeJS.ErrnoException, requestTimeoutMs: number): AppError {
  switch (error.code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new AppError('request_timeout', `The request took longer than ${requestTimeoutMs} ms to arrive.`, {
        cause: error,
      });
    case 'HPE_HEADER_OVERFLOW':
      return new AppError('header_too_large', 'The headers are too large.', { cause: error });
    case 'HPE_INVALID_METHOD':
      return new AppError('method_not_implemented', 'The method is none that HTTP knows.', { cause: error });
    default:
      return new AppError('invalid_request', `What came is not HTTP: ${error.message}.`, { cause: error });
  }
}
