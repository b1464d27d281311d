// Stops an HTTP server without losing a request.
//
// Goals: every request that reaches this process is answered, even if a client sends it on an idle
// keep-alive connection just as the drain begins; clients reconnect elsewhere; the drain ends in
// time.
//
// Invariant: the server closes a connection only after a response with `Connection: close`, or once
// the client must have stopped using it, or at the limit.
//
// Steps: (1) Add `Connection: close` to every response, so that clients send later requests
// elsewhere. (2) Accept no more connections, but keep open ones: `http.Server.close()` would end
// idle ones, and requests that are in transit on them. (3) Lame duck: answer requests that still
// arrive, until no connection is left, or all are idle for longer than a client may keep one, or
// the limit has passed. (4) Let stoppable close the rest.
import { once } from 'node:events';
import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import stoppable from 'stoppable';

/** Added to `Keep-Alive: timeout`: how long a request may have been in transit. */
const GRACE_MS = 1_000;

const POLL_INTERVAL_MS = 20;

export interface Drained {
  /** Requests that were aborted because the limit had passed. */
  cutOff: number;
}

interface Connection {
  /** The response in progress. */
  response?: ServerResponse;
  /** Bytes received when the last response ended. Any more belong to the next request. */
  bytesDone: number;
}

/** Tracks the server's connections, and returns a function that drains it within `limitMs`. */
export function drainable(server: HttpServer, limitMs: number): () => Promise<Drained> {
  const connections = new Map<Socket, Connection>();
  let draining = false;
  let lastResponseMs = 0;

  server.on('connection', (socket: Socket) => {
    connections.set(socket, { bytesDone: 0 });
    socket.once('close', () => connections.delete(socket));
  });
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    const connection = connections.get(request.socket);
    if (connection === undefined) return;
    connection.response = response;
    if (draining) closeAfter(response);
    response.once('close', () => {
      lastResponseMs = performance.now();
      if (connection.response !== response) return;
      connection.response = undefined;
      connection.bytesDone = request.socket.bytesRead;
    });
  };
  // Before all other listeners, which may respond synchronously.
  server.prependListener('request', onRequest);
  server.prependListener('checkExpectation', onRequest);
  // No grace period: connections that are left when stoppable is called have had their time.
  const { stop } = stoppable(server, 0);

  return async () => {
    const startedMs = performance.now();
    draining = true;
    for (const { response } of connections.values()) if (response !== undefined) closeAfter(response);
    // Take the connections that the kernel has already accepted for this process.
    await new Promise((resolve) => setImmediate(resolve));
    const closed = once(server, 'close');
    NetServer.prototype.close.call(server);

    lastResponseMs = performance.now();
    const maxIdleMs = server.keepAliveTimeout + GRACE_MS;
    while (connections.size > 0 && performance.now() - startedMs < limitMs) {
      if (!isBusy() && performance.now() - lastResponseMs > maxIdleMs) break;
      await sleep(POLL_INTERVAL_MS);
    }

    const cutOff = [...connections.values()].filter(({ response }) => response !== undefined).length;
    stop();
    await closed;
    // The server emits `close` before its last connections do, which abort their requests.
    while (connections.size > 0) await sleep(POLL_INTERVAL_MS);
    return { cutOff };
  };

  function isBusy(): boolean {
    for (const [socket, { response, bytesDone }] of connections) {
      if (response !== undefined || socket.bytesRead > bytesDone) return true;
    }
    return false;
  }
}

/**
 * Sets the header when headers are written, as Koa removes headers set earlier when it handles an
 * error.
 */
function closeAfter(response: ServerResponse): void {
  const writeHead = response.writeHead.bind(response) as (...args: unknown[]) => ServerResponse;
  response.writeHead = (...args: unknown[]) => {
    response.setHeader('Connection', 'close');
    return writeHead(...args);
  };
}
