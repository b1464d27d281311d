// Responses that are sent before the body is read: none is lost, and none breaks the next request.
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { Agent, type IncomingMessage, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { pino } from 'pino';
import { ApiKeys, createApiKey } from '../../../src/auth/api-keys.js';
import { createHttpServer } from '../../../src/http/server.js';
import { drainable } from '../../../src/runtime/drain-server.js';
import { type RunningApp, startApp } from '../../helpers/start-app.js';
import { type TempFolder, tempFolder } from '../../helpers/temp-folder.js';

const API = '/api/v1/json';
const MIB = 1024 * 1024;
const CHUNK_BYTES = 16 * 1024;
const JSON_TYPE = { 'Content-Type': 'application/json' };

interface Early {
  status: number;
  method: string;
  path: string;
  headers: Record<string, string>;
}

describe('a response to an unread body', function () {
  this.timeout(30_000);
  let folder: TempFolder;
  let app: RunningApp;
  let early: Early[];
  let isLimited: boolean;
  const { key, line } = createApiKey('reader');
  before(async () => {
    folder = await tempFolder();
    await writeFile(join(folder.path, 'keys'), line);
    app = await startApp({
      // No response may wait for the body.
      requestTimeoutMs: 600_000,
      keys: new ApiKeys(join(folder.path, 'keys'), pino({ level: 'silent' })),
      limit: {
        rate: { maxRequests: 5, windowMs: 60_000 },
        consume: async () => ({ isAllowed: !isLimited, remaining: 0, resetMs: 60_000 }),
      },
    });
    const known = { Authorization: `Bearer ${key}` };
    early = [
      { status: 401, method: 'POST', path: API, headers: JSON_TYPE },
      { status: 404, method: 'POST', path: '/nope', headers: known },
      { status: 405, method: 'PUT', path: API, headers: known },
      { status: 413, method: 'POST', path: API, headers: { ...known, ...JSON_TYPE } },
      { status: 415, method: 'POST', path: API, headers: { ...known, 'Content-Type': 'text/plain' } },
      { status: 429, method: 'POST', path: API, headers: { ...known, ...JSON_TYPE } },
      // A body that a GET shouldn't have.
      { status: 200, method: 'GET', path: '/healthz', headers: {} },
      { status: 404, method: 'DELETE', path: '/nope', headers: known },
    ];
  });
  after(async () => {
    expect(app.log.filter(({ msg }) => msg === 'bug')).to.deep.equal([]);
    await app.close();
    await folder.remove();
  });

  /** Sends a request as a client with a connection pool does. */
  async function send(agent: Agent, spec: Early, bytes: number, isChunked = false): Promise<number | undefined> {
    isLimited = spec.status === 429;
    const { method, path } = spec;
    const headers = { ...spec.headers, ...(isChunked ? {} : { 'Content-Length': String(bytes) }) };
    const client = request(app.url + path, { agent, method, headers });
    const response = once(client, 'response') as Promise<[IncomingMessage]>;
    const chunks = Array.from({ length: Math.ceil(bytes / CHUNK_BYTES) }, (_, n) =>
      Buffer.alloc(Math.min(CHUNK_BYTES, bytes - n * CHUNK_BYTES), ' '),
    );
    // The response may arrive before everything is sent.
    const sent = pipeline(chunks, client).catch(() => {});
    const [answer] = await response;
    answer.resume();
    await once(answer, 'end');
    await sent;
    return answer.statusCode;
  }

  for (const isChunked of [false, true]) {
    const kind = isChunked ? 'in chunks' : 'with a length';
    it(`reaches a pooled client, and so does the next one: 1 byte to 1 MiB ${kind}`, async () => {
      for (const spec of early) {
        const agent = new Agent({ keepAlive: true, maxSockets: 1 });
        for (const bytes of [1, 10_000, 65_536, 65_537, 100_000, 200_000, MIB]) {
          const expected = spec.status === 413 && bytes <= 65_536 ? 400 : spec.status;
          const title = `${spec.status} ${bytes}`;
          expect(await send(agent, spec, bytes, isChunked), title).to.equal(expected);
          const next = { status: 200, method: 'GET', path: '/healthz', headers: {} };
          expect(await send(agent, next, 0), `after ${title}`).to.equal(200);
        }
        agent.destroy();
      }
    });

    it(`reaches a client that keeps sending 20 MB ${kind}`, async () => {
      for (const spec of early) {
        const agent = new Agent({ keepAlive: true, maxSockets: 1 });
        expect(await send(agent, spec, 20 * MIB, isChunked)).to.equal(spec.status);
        expect(await send(agent, { status: 200, method: 'GET', path: '/healthz', headers: {} }, 0)).to.equal(200);
        agent.destroy();
      }
    });
  }

  /** Returns what a client reads that sends all chunks regardless of the response. */
  async function converse(port: number, chunks: (string | Buffer)[], pauseMs = 0): Promise<string> {
    const socket: Socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    let text = '';
    socket.setEncoding('latin1').on('data', (data: string) => {
      text += data;
    });
    const failed = once(socket, 'error').then(([error]) => Promise.reject(error));
    failed.catch(() => {});
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    await once(socket, 'connect');
    for (const chunk of chunks) {
      if (!socket.write(chunk)) await Promise.race([once(socket, 'drain'), closed, failed]);
      if (pauseMs > 0) await sleep(pauseMs);
    }
    if (!socket.readableEnded) await Promise.race([once(socket, 'end'), failed]);
    socket.end();
    await Promise.race([closed, failed]);
    return text;
  }

  const headOf = ({ method, path, headers }: Early, more: string, version = '1.1') => {
    const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    return `${method} ${path} HTTP/${version}\r\nHost: a\r\n${fields.join('')}${more}\r\n`;
  };
  const statusesIn = (text: string) => [...text.matchAll(/HTTP\/1\.1 (\d+) \w/g)].map(([, status]) => Number(status));
  const mebibyte = Array.from({ length: 16 }, () => Buffer.alloc(65_536, ' '));
  const length = `Content-Length: ${MIB}\r\n`;

  for (const [title, more, version, pauseMs] of [
    ['HTTP/1.0', length, '1.0', 0],
    ['HTTP/1.0 with keep-alive', `Connection: keep-alive\r\n${length}`, '1.0', 0],
    ['Connection: close', `Connection: close\r\n${length}`, '1.1', 0],
    ['Expect: 100-continue without waiting', `Expect: 100-continue\r\n${length}`, '1.1', 0],
    ['a slow sender', length, '1.1', 30],
  ] as const) {
    it(`is sent with ${title}, and then the connection closes`, async () => {
      await Promise.all(
        early.map(async (spec) => {
          isLimited = false;
          if (spec.status === 429) return;
          const text = await converse(app.port, [headOf(spec, more, version), ...mebibyte], pauseMs);
          const statuses = statusesIn(text).filter((status) => status !== 100);
          expect(statuses, spec.path).to.deep.equal([spec.status]);
          expect(text).to.match(/\r\nConnection: close\r\n/i);
        }),
      );
    });
  }

  it('replaces 100 Continue, so that the client sends no body', async () => {
    for (const spec of early) {
      isLimited = spec.status === 429;
      const text = await converse(app.port, [headOf(spec, `Connection: close\r\nExpect: 100-continue\r\n${length}`)]);
      expect(statusesIn(text).at(-1), spec.path).to.equal(spec.status);
    }
  });

  it('follows the responses to earlier requests, and is the last', async () => {
    isLimited = false;
    const before = headOf({ status: 200, method: 'GET', path: '/healthz', headers: {} }, '');
    for (const spec of early.filter(({ status }) => status !== 429)) {
      const text = await converse(app.port, [before + before + headOf(spec, length), ...mebibyte, before]);
      expect(statusesIn(text), spec.path).to.deep.equal([200, 200, spec.status]);
      expect(text.match(/Connection: close/g)).to.have.length(1);
    }
  });

  it('is sent while the server drains', async () => {
    const log = pino({ level: 'silent' });
    const server = createHttpServer({
      handle: (_, response) => response.writeHead(413).end('too large'),
      requestTimeoutMs: 10_000,
      sendTimeoutMs: 10_000,
      log,
      observe: () => {},
    });
    const drain = drainable(server, 60_000);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const head = headOf({ status: 413, method: 'POST', path: API, headers: {} }, length);
    const clients = 10;
    let connections = 0;
    const drained = new Promise((resolve, reject) => {
      server.on('connection', () => {
        connections += 1;
        if (connections === clients) drain().then(resolve, reject);
      });
    });
    const texts = await Promise.all(
      Array.from({ length: clients }, (_, n) => converse(port, [head, ...mebibyte], n % 2)),
    );
    for (const text of texts) expect(statusesIn(text)).to.deep.equal([413]);
    expect(await drained).to.deep.equal({ cutOff: 0 });
  });
});
