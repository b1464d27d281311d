// Clients that never retry: an unanswered request counts as lost. Each keeps one connection, or
// none.
import { once } from 'node:events';
import { Agent, type IncomingMessage, type RequestOptions, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'undici';

export interface RequestSpec {
  method: 'GET' | 'POST';
  path: string;
  /** JSON. */
  body?: string;
  /** Returns what is wrong with a response body, or `undefined`. */
  problem: (body: string) => string | undefined;
}

export interface Answer {
  status: number;
  body: string;
}

export interface Session {
  send: (spec: RequestSpec) => Promise<Answer>;
  close: () => void;
}

export type OpenSession = (port: number) => Session;

const exactly = (expected: string) => (body: string) =>
  body === expected ? undefined : `unexpected body: ${body.slice(0, 200)}`;

export const specs = {
  alive: { method: 'GET', path: '/healthz', problem: exactly('{"status":"alive"}') },
  search: {
    method: 'POST',
    path: '/api/v1/json',
    body: JSON.stringify({ action: 'search', dictionary: 'devils-dictionary.txt', term: 'ABATIS' }),
    problem: exactly(
      '{"nr of entries":1,"results":["ABATIS, n.  Rubbish in front of a fort, to prevent the rubbish outside"]}',
    ),
  },
  all: {
    method: 'POST',
    path: '/api/v1/json',
    body: JSON.stringify({ action: 'all', dictionary: 'king-james-bible.txt' }),
    problem: (body) => {
      const answer = JSON.parse(body);
      const isComplete =
        answer['nr of entries'] === 31_102 && answer.results.length === 31_102 && answer.truncated === undefined;
      return isComplete ? undefined : `incomplete: ${answer['nr of entries']} entries, ${answer.truncated}`;
    },
  },
  list: {
    method: 'POST',
    path: '/api/v1/json',
    body: JSON.stringify({ action: 'list', folder: 'moby-dick', filter: 'before-*' }),
    problem: exactly('{"nr of entries":2,"results":["before-1-etymology.txt","before-2-extracts.txt"]}'),
  },
  total: { method: 'GET', path: '/total', problem: exactly('{"total":500000500000}') },
  wait: { method: 'GET', path: '/wait?seconds=2', problem: exactly('{"waited":2}') },
} satisfies Record<string, RequestSpec>;

const JSON_TYPE = { 'Content-Type': 'application/json' };

/** Node's HTTP client with a keep-alive connection. */
export const openAgent: OpenSession = (port) => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return { send: (spec) => sendByNode(spec, { port, agent }), close: () => agent.destroy() };
};

/** Node's HTTP client with a connection for each request. */
export const openClosing: OpenSession = (port) => ({
  send: (spec) => sendByNode(spec, { port, agent: false }),
  close: () => {},
});

async function sendByNode({ method, path, body }: RequestSpec, options: RequestOptions): Promise<Answer> {
  const client = request({ host: '127.0.0.1', method, path, headers: JSON_TYPE, ...options }).end(body);
  const [response] = (await once(client, 'response')) as [IncomingMessage];
  return { status: response.statusCode ?? 0, body: await text(response) };
}

/** undici with a keep-alive connection. */
export const openUndici: OpenSession = (port) => {
  const client = new Client(`http://127.0.0.1:${port}`);
  return {
    send: async ({ method, path, body }) => {
      const response = await client.request({ method, path, body, headers: JSON_TYPE });
      return { status: response.statusCode, body: await response.body.text() };
    },
    close: () => client.destroy(),
  };
};

/** A plain socket, which ignores `Keep-Alive: timeout` and is used until the server closes it. */
export const openRaw: OpenSession = (port) => new SocketSession(port, 0);

/** A plain socket that is idle before each request, for at most this many milliseconds. */
export function openIdle(maxMs: number): OpenSession {
  return (port) => new SocketSession(port, maxMs);
}

class SocketSession implements Session {
  readonly #port: number;
  readonly #maxIdleMs: number;
  #socket: Socket | undefined;
  #received = '';
  #outstanding: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | undefined;

  constructor(port: number, maxIdleMs: number) {
    this.#port = port;
    this.#maxIdleMs = maxIdleMs;
  }

  async send({ method, path, body = '' }: RequestSpec): Promise<Answer> {
    await sleep(Math.random() * this.#maxIdleMs);
    this.#socket ??= this.#connect();
    const socket = this.#socket;
    return new Promise((resolve, reject) => {
      this.#outstanding = { resolve, reject };
      const head = `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n`;
      socket.write(`${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
    });
  }

  close(): void {
    this.#socket?.destroy();
  }

  #connect(): Socket {
    const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true });
    let last: { answer: Answer } | undefined;
    let failure = new Error('the connection was closed without an answer');
    socket.setEncoding('latin1').on('data', (data: string) => {
      this.#received += data;
      const answer = readAnswer(this.#received);
      if (answer === undefined) return;
      this.#received = this.#received.slice(answer.length);
      // After `Connection: close`, no further request is answered (RFC 9112, section 9.6).
      if (answer.closes) last = { answer };
      else this.#settle()?.resolve(answer);
    });
    socket.on('error', (error) => {
      failure = error;
    });
    socket.once('end', () => {
      this.#socket = undefined;
    });
    socket.once('close', () => {
      this.#socket = undefined;
      this.#received = '';
      const outstanding = this.#settle();
      if (last === undefined) outstanding?.reject(failure);
      else outstanding?.resolve(last.answer);
    });
    return socket;
  }

  #settle() {
    const outstanding = this.#outstanding;
    this.#outstanding = undefined;
    return outstanding;
  }
}

/** Returns the first complete response. All responses have a Content-Length. */
function readAnswer(received: string): (Answer & { length: number; closes: boolean }) | undefined {
  const headEnd = received.indexOf('\r\n\r\n');
  if (headEnd === -1) return undefined;
  const head = received.slice(0, headEnd);
  const start = headEnd + 4;
  const length = start + Number(/^content-length: (\d+)/im.exec(head)?.[1]);
  if (received.length < length) return undefined;
  const body = Buffer.from(received.slice(start, length), 'latin1').toString('utf8');
  return { status: Number(head.split(' ')[1]), body, length, closes: /^connection: close/im.test(head) };
}
