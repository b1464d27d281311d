// Connections of misbehaving and malicious clients.
import { EventEmitter, once } from 'node:events';
import {
  Agent,
  type IncomingMessage,
  type RequestListener,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { pino } from 'pino';
import sinon from 'sinon';
import { Connection, MAX_PIPELINED_REQUESTS } from '../../../src/http/connection/connection.js';
import { createHttpServer } from '../../../src/http/server.js';
import { drainable } from '../../../src/runtime/drain-server.js';
import { type RunningApp, startApp } from '../../helpers/start-app.js';
import { stubEngine } from '../../helpers/stub-engine.js';
import { useApp } from '../../helpers/use-app.js';

const API = '/api/v1/json';
const TIMEOUT_MS = 500;

describe('Connection', function () {
  this.timeout(30_000);
  let app: RunningApp;
  /** Each lets a waiting search finish. */
  let searches: (() => void)[];
  let abortedSearches: number;
  const sockets: Socket[] = [];

  before(async () => {
    app = await startApp({
      searchTimeoutMs: TIMEOUT_MS,
      requestTimeoutMs: TIMEOUT_MS,
      waitRoute: true,
      engine: stubEngine(async function* (query, signal) {
        const term = 'term' in query ? query.term : '';
        if (term === 'wait') await new Promise<void>((resolve) => searches.push(resolve));
        if (term === 'leave') {
          searches.push(() => {});
          await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
          abortedSearches += 1;
        }
        yield [term];
        return { nrOfEntries: 1 };
      }),
    });
  });
  beforeEach(() => {
    searches = [];
    abortedSearches = 0;
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    expect(app.log.filter(({ msg }) => msg === 'bug')).to.deep.equal([]);
    expect((await fetch(`${app.url}/healthz`)).status).to.equal(200);
  });
  after(() => app.close());

  interface Client {
    socket: Socket;
    /** The bytes received so far, as text. */
    text: () => string;
    closed: Promise<void>;
  }

  /** @param stays whether the client keeps its side open after the server closes its own */
  async function open({ stays = false, port = app.port } = {}): Promise<Client> {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: stays });
    sockets.push(socket);
    let text = '';
    socket.setEncoding('latin1').on('data', (data: string) => {
      text += data;
    });
    socket.on('error', () => {});
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    await once(socket, 'connect');
    return { socket, text: () => text, closed };
  }

  /** Writes until closed: a client that doesn't read notices a close only by writing. */
  async function untilClosed({ socket, closed }: Client): Promise<void> {
    const poke = setInterval(() => socket.write('\r\n'), 50);
    await closed;
    clearInterval(poke);
  }

  const get = (path: string, headers = '') => `GET ${path} HTTP/1.1\r\nHost: a\r\n${headers}\r\n`;
  const search = (term: string, headers = '') => {
    const body = JSON.stringify({ action: 'search', term });
    return `POST ${API} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n${headers}\r\n${body}`;
  };
  const statusesIn = (text: string) => [...text.matchAll(/HTTP\/1\.1 (\d+) \w/g)].map(([, status]) => Number(status));
  const until = async (condition: () => boolean) => {
    while (!condition()) await sleep(5);
  };

  it('survives a CONNECT that is reset', async () => {
    for (let n = 0; n < 20; n += 1) {
      const { socket } = await open();
      socket.write('CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n');
      await sleep(n % 3);
      socket.resetAndDestroy();
    }
  });

  it('closes after a CONNECT even if the client stays open', async () => {
    const client = await open({ stays: true });
    client.socket.write('CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n');
    await untilClosed(client);
    expect(statusesIn(client.text())).to.deep.equal([501]);
  });

  for (const [title, bytes] of [
    ['headers', 'GET / HTTP/1.1\r\nHost: a\r\n'],
    ['a body', search('a').slice(0, -2)],
  ] as const) {
    it(`answers 408 and closes if a client sends only part of ${title}`, async () => {
      const client = await open({ stays: true });
      client.socket.write(bytes);
      await until(() => client.text() !== '');
      await untilClosed(client);
      expect(statusesIn(client.text())).to.deep.equal([408]);
    });
  }

  describe('with pipelined requests', () => {
    it('answers them in order, one at a time', async () => {
      const { socket, text } = await open();
      socket.write(search('wait') + search('wait') + get('/healthz'));
      for (let n = 1; n <= 2; n += 1) {
        await until(() => searches.length === n);
        await sleep(20);
        expect([searches.length, statusesIn(text()).length]).to.deep.equal([n, n - 1]);
        searches[n - 1]?.();
      }
      await until(() => text().includes('"alive"'));
      expect(statusesIn(text())).to.deep.equal([200, 200, 200]);
    });

    it('answers up to the limit, and announces the close in the last answer', async () => {
      const { socket, text, closed } = await open();
      socket.write(search('wait') + get('/healthz').repeat(MAX_PIPELINED_REQUESTS + 500));
      await until(() => searches.length === 1);
      searches[0]?.();
      await closed;
      const [last, ...others] = text().split('HTTP/1.1 ').slice(1).reverse();
      expect(others).to.have.length(MAX_PIPELINED_REQUESTS);
      expect(last)
        .to.match(/^200[\s\S]*Connection: close/)
        .and.include('"alive"');
      expect(others.join('')).not.to.include('Connection: close');
    });

    it('answers the requests before malformed input, then responds with 400', async () => {
      const { socket, text, closed } = await open();
      socket.write(`${search('wait') + get('/healthz')}GET nonsense\r\n\r\n`);
      await until(() => searches.length === 1);
      await sleep(20);
      expect(text()).to.equal('');
      searches[0]?.();
      await closed;
      expect(statusesIn(text())).to.deep.equal([200, 200, 400]);
    });

    it('answers the requests before an incomplete one, then responds with 408', async () => {
      const { socket, text, closed } = await open();
      socket.write(get('/healthz') + search('a').slice(0, -2));
      await closed;
      expect(statusesIn(text())).to.deep.equal([200, 408]);
    });

    it('accepts a body that arrives while its request waits, for longer than a request may take', async () => {
      const { socket, text } = await open();
      socket.write(get('/wait?seconds=1'));
      const padding = ' '.repeat(10_000);
      const body = `{"action":"search",${padding.repeat(6)}"term":"a"}`;
      socket.write(
        `POST ${API} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`,
      );
      for (let at = 0; at < body.length; at += 5_000) {
        socket.write(body.slice(at, at + 5_000));
        await sleep(5);
      }
      await until(() => text().includes('"results"'));
      expect(statusesIn(text())).to.deep.equal([200, 200]);
    });

    it('stops accepting them when the waiting ones are large', async () => {
      const { socket, text, closed } = await open();
      socket.write(search('wait') + get('/healthz', `X: ${'x'.repeat(15_000)}\r\n`).repeat(MAX_PIPELINED_REQUESTS));
      await until(() => searches.length === 1);
      await sleep(100);
      searches[0]?.();
      await closed;
      expect(statusesIn(text()).length).to.be.within(10, 30);
      expect(text()).to.match(/Connection: close/);
    });

    it('keeps the connection after an early answer to a small body in chunks', async () => {
      const { socket, text } = await open();
      const chunked = 'POST /nope HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n';
      socket.write(chunked + get('/healthz'));
      await until(() => text().includes('"alive"'));
      expect(statusesIn(text())).to.deep.equal([404, 200]);
      expect(text()).not.to.include('Connection: close');
    });
  });

  describe('after a client half-closes or leaves', () => {
    it('still sends the answers to a half-closed client', async () => {
      const { socket, text, closed } = await open();
      socket.end(search('wait') + get('/healthz'));
      await until(() => searches.length === 1);
      // The server has noticed the half-close by then.
      await sleep(100);
      searches[0]?.();
      await closed;
      expect(statusesIn(text())).to.deep.equal([200, 200]);
      expect(text()).to.include('"results":["wait"]').and.include('"alive"');
    });

    it('aborts the search of a client that has left', async () => {
      const { socket } = await open();
      socket.write(search('leave'));
      await until(() => searches.length === 1);
      socket.destroy();
      await until(() => abortedSearches === 1);
    });

    it('answers an incomplete request with 400', async () => {
      const { socket, text, closed } = await open();
      socket.end(search('a').slice(0, -2));
      await closed;
      expect(statusesIn(text())).to.deep.equal([400]);
    });
  });

  describe('with an early answer to a large body', () => {
    // Long timeouts, as these clients send large bodies.
    const patient = useApp();
    const MIB = 1024 * 1024;
    const HEAD: [title: string, status: number, head: string][] = [
      ['413', 413, `POST ${API} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n`],
      ['404', 404, 'POST /nope HTTP/1.1\r\nHost: a\r\n'],
      ['405', 405, 'POST /healthz HTTP/1.1\r\nHost: a\r\n'],
      ['415', 415, `POST ${API} HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\n`],
      [
        '413 under Connection: close',
        413,
        `POST ${API} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\n`,
      ],
      ['413 in HTTP/1.0', 413, `POST ${API} HTTP/1.0\r\nContent-Type: application/json\r\n`],
    ];
    for (const [title, status, head] of HEAD) {
      for (const bytes of [100_000, MIB, 20 * MIB]) {
        it(`sends the ${title} to a client that reads only after sending ${bytes} bytes`, async () => {
          for (let n = 0; n < 5; n += 1) {
            const { socket, text, closed } = await open({ port: patient.app.port });
            socket.pause();
            socket.write(`${head}Content-Length: ${bytes}\r\n\r\n`);
            const isWritten = new Promise((resolve) => socket.write(Buffer.alloc(bytes, ' '), resolve));
            expect(await isWritten).to.be.oneOf([undefined, null]);
            socket.resume();
            await closed;
            expect(statusesIn(text())).to.deep.equal([status]);
            expect(text()).to.include('Connection: close');
          }
        });
      }
    }

    it('sends the answer for a chunked body and for one announced with Expect', async () => {
      const chunks = `10000\r\n${' '.repeat(65_536)}\r\n`.repeat(100);
      const head = `POST ${API} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n`;
      const chunked = await open({ port: patient.app.port });
      chunked.socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`);
      await chunked.closed;
      expect(statusesIn(chunked.text())).to.deep.equal([413]);
      const expecting = await open({ port: patient.app.port });
      expecting.socket.write(`${head}Expect: 100-continue\r\nContent-Length: ${MIB}\r\n\r\n`);
      await until(() => expecting.text() !== '');
      expecting.socket.write(Buffer.alloc(MIB, ' '));
      await expecting.closed;
      expect(statusesIn(expecting.text()).at(-1)).to.equal(413);
    });

    it('causes no errors for a client with a connection pool', async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const sendRequest = async (method: string, path: string, body = '') => {
        const headers = { 'Content-Type': 'application/json', 'Content-Length': body.length };
        const client = request(patient.url + path, { agent, method, headers });
        client.end(body);
        const [response] = (await once(client, 'response')) as [IncomingMessage];
        response.resume();
        await once(response, 'end');
        return response.statusCode;
      };
      for (const length of [70_000, 200_000, MIB, 20 * MIB]) {
        expect(await sendRequest('POST', API, ' '.repeat(length))).to.equal(413);
        expect(await sendRequest('GET', '/healthz')).to.equal(200);
      }
      agent.destroy();
    });
  });

  it('does not delay a drain for an incomplete request, and loses no early answer', async () => {
    const log = pino({ level: 'silent' });
    const handle: RequestListener = (_request, response) => {
      response.writeHead(413).end('too large');
    };
    const options = { requestTimeoutMs: TIMEOUT_MS, sendTimeoutMs: TIMEOUT_MS, log, observe: () => {} };
    const server = createHttpServer({ ...options, handle });
    const drain = drainable(server, 60_000);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const staying = await open({ stays: true, port });
    staying.socket.write('GET / HTTP/1.1\r\n');
    const uploading = await open({ port });
    const bytes = 1_000_000;
    uploading.socket.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${bytes}\r\n\r\n`);
    const drained = drain();
    uploading.socket.write(Buffer.alloc(bytes));
    await uploading.closed;
    expect(statusesIn(uploading.text())).to.deep.equal([413]);
    expect(await drained).to.deep.equal({ cutOff: 0 });
    expect(statusesIn(staying.text())).to.deep.equal([408]);
  });

  it('starts the read timeout of the first response when the client connects', () => {
    const socket = Object.assign(new EventEmitter(), { bytesWritten: 1, writableLength: 1, destroy: sinon.spy() });
    const connection = new Connection(socket as unknown as Socket, { sendTimeoutMs: 100, lingerMs: 100 });
    const nowMs = performance.now();
    connection.closeIfReadingStalls(nowMs + 50);
    expect(socket.destroy.called).to.equal(false);
    connection.closeIfReadingStalls(nowMs + 200);
    expect(socket.destroy.called).to.equal(true);
  });

  it('closes if a client only sends empty lines', async () => {
    const log = pino({ level: 'silent' });
    const handle: RequestListener = (_request, response) => void response.end();
    const options = { requestTimeoutMs: TIMEOUT_MS, sendTimeoutMs: TIMEOUT_MS, log, observe: () => {} };
    const server = createHttpServer({ ...options, handle });
    server.keepAliveTimeout = TIMEOUT_MS;
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const [silent, served] = [await open({ port }), await open({ port })];
    served.socket.write(get('/'));
    await Promise.all([untilClosed(silent), untilClosed(served)]);
    expect(statusesIn(served.text())).to.deep.equal([200]);
    server.close();
  });

  it('keeps a connection while its request is in progress, however long that takes', () => {
    const socket = Object.assign(new EventEmitter(), { bytesRead: 1, destroy: sinon.spy() });
    const connection = new Connection(socket as unknown as Socket, { sendTimeoutMs: 100, lingerMs: 100 });
    const nowMs = performance.now();
    connection.add(new EventEmitter() as ServerResponse, () => {});
    connection.closeIfIdle(nowMs + 1_000, 100);
    expect(socket.destroy.called).to.equal(false);
  });

  describe('for a client that reads too slowly', () => {
    const REQUESTS = 100;
    let client: Client;
    let server: Server;
    beforeEach(async () => {
      // Its answers have no deadline of their own, as assets and cached answers have none.
      const handle: RequestListener = (_request, response) => {
        response.end('x'.repeat(60_000));
      };
      const log = pino({ level: 'silent' });
      server = createHttpServer({
        handle,
        requestTimeoutMs: TIMEOUT_MS,
        sendTimeoutMs: TIMEOUT_MS,
        log,
        observe: () => {},
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      client = await open({ port: (server.address() as AddressInfo).port });
      // Together, more than fits into the buffers of a connection.
      client.socket.pause().write(get('/').repeat(REQUESTS));
    });
    afterEach(() => {
      server.close();
      server.closeAllConnections();
    });

    it('closes if the client reads nothing', async () => {
      await untilClosed(client);
    });

    it('closes if the client reads only a trickle', async () => {
      const trickle = setInterval(() => client.socket.read(100), 20);
      await untilClosed(client);
      clearInterval(trickle);
      expect(statusesIn(client.text()).length).to.be.below(REQUESTS);
    });
  });
});
