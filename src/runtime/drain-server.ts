// How an HTTP server stops without losing a request.
import { once } from 'node:events';
import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import stoppable from 'stoppable';

/** How much longer than `Keep-Alive: timeout` a quiet connection is kept: the time a request may have been on its way. */
const GRACE_MS = 1_000;

const POLL_MS = 20;

export interface Drained {
  /** Requests that were ended because the limit had passed. */
  cutOff: number;
}

interface Connection {
  /** The answer that is being worked on. */
  response?: ServerResponse;
  /** What had been received when the last answer was complete: more than this is the beginning of another request. */
  bytesDone: number;
}

/**
 * Watches a server from its beginning and returns what stops it:
 *
 * 1. From now on every answer says `Connection: close`, so that clients send what comes next to somebody else.
 * 2. No connection is accepted any more, but those that are there stay. (`http.Server.close()` would end idle ones at once,
 *    and with them the requests that are on their way.)
 * 3. Lame duck: whatever comes on them is answered, until none is left, or nothing has been going on for longer than a client
 *    may keep a connection idle, or the limit has passed.
 * 4. stoppable ends what is left.
 */
export function drainable(server: HttpServer, limitMs: number): () => Promise<Drained> {
  const connections = new Map<Socket, Connection>();
  let draining = false;
  let lastAnswer = 0;

  server.on('connection', (socket: Socket) => {
    connections.set(socket, { bytesDone: 0 });
    socket.once('close', () => connections.delete(socket));
  });
  const begin = (request: IncomingMessage, response: ServerResponse) => {
    const connection = connections.get(request.socket);
    if (connection === undefined) return;
    connection.response = response;
    if (draining) closeAfter(response);
    response.once('close', () => {
      lastAnswer = performance.now();
      if (connection.response !== response) return;
      connection.response = undefined;
      connection.bytesDone = request.socket.bytesRead;
    });
  };
  // First of all: what is answered at once must have been seen too.
  server.prependListener('request', begin);
  server.prependListener('checkExpectation', begin);
  // Without grace: when stoppable is called, what is left has had its time.
  const { stop } = stoppable(server, 0);

  return async () => {
    const started = performance.now();
    draining = true;
    for (const { response } of connections.values()) if (response !== undefined) closeAfter(response);
    // Connections that the system has accepted for us already are taken first.
    await new Promise((resolve) => setImmediate(resolve));
    const closed = once(server, 'close');
    NetServer.prototype.close.call(server);

    lastAnswer = performance.now();
    const quietMs = server.keepAliveTimeout + GRACE_MS;
    while (connections.size > 0 && performance.now() - started < limitMs) {
      if (!isBusy() && performance.now() - lastAnswer > quietMs) break;
      await sleep(POLL_MS);
    }

    const cutOff = [...connections.values()].filter(({ response }) => response !== undefined).length;
    stop();
    await closed;
    // The server says so before its last connections do, and only then is the work for their requests ended.
    while (connections.size > 0) await sleep(POLL_MS);
    return { cutOff };
  };

  function isBusy(): boolean {
    for (const [socket, { response, bytesDone }] of connections) {
      if (response !== undefined || socket.bytesRead > bytesDone) return true;
    }
    return false;
  }
}

/** Sets the header where headers are written, and not before: what is set earlier is lost where Koa answers an error. */
function closeAfter(response: ServerResponse): void {
  const writeHead = response.writeHead.bind(response) as (...args: unknown[]) => ServerResponse;
  response.writeHead = (...args: unknown[]) => {
    response.setHeader('Connection', 'close');
    return writeHead(...args);
  };
}
