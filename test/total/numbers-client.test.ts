// Uses real servers, most of which misbehave.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { createNumbersClient } from '../../src/total/numbers-client.js';
import { NumbersError } from '../../src/total/numbers-source.js';
import { type NumbersServer, numbersServer } from '../helpers/numbers-server.js';

const options = { connectTimeoutMs: 1_000, maxBytes: 1_000_000 };

async function read(api: { url: string; connectTimeoutMs?: number; maxBytes?: number }): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of createNumbersClient({ ...options, ...api }).read()) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function failureOf(reading: Promise<string>): Promise<string> {
  const failure = await reading.then(
    (text) => expect.fail(`read ${text}`),
    (error) => error,
  );
  expect(failure).to.be.instanceOf(NumbersError);
  return failure.message;
}

describe('createNumbersClient', () => {
  let server: NumbersServer | undefined;
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  async function serve(...answer: Parameters<typeof numbersServer>): Promise<{ url: string }> {
    server = await numbersServer(...answer);
    return server;
  }

  it('streams the response', async () => {
    let resume = () => {};
    const { url } = await serve((request, response) => {
      expect(request).to.include({ method: 'GET', url: '/numbers' });
      expect(request.headers.accept).to.equal('application/json');
      response.write('[1,');
      resume = () => response.end('2]');
    });
    const chunks: string[] = [];
    for await (const chunk of createNumbersClient({ ...options, url }).read()) {
      chunks.push(Buffer.from(chunk).toString());
      resume();
    }
    expect(chunks).to.deep.equal(['[1,', '2]']);
    while ((await server?.connections()) !== 0) await sleep(5);
  });

  it('closes the connection when the reader stops', async () => {
    const { url } = await serve((_, response) => {
      response.write('[1,');
    });
    for await (const _ of createNumbersClient({ ...options, url }).read()) break;
    while ((await server?.connections()) !== 0) await sleep(5);
  });

  for (const status of [204, 206, 301, 400, 404, 500, 501]) {
    it(`fails on status ${status} without a retry`, async () => {
      const { url } = await serve((_, response) => {
        response.writeHead(status, { Location: '/elsewhere' }).end(status === 204 ? undefined : '[1]');
      });
      expect(await failureOf(read({ url }))).to.equal(`The numbers API responded with status ${status}.`);
      expect(server?.requests()).to.equal(1);
    });
  }

  for (const status of [429, 502, 503, 504]) {
    it(`retries on status ${status}, at most twice`, async () => {
      const { url } = await serve((_, response) => {
        if (server?.requests() === 2) response.end('[1]');
        else response.writeHead(status).end();
      });
      expect(await read({ url })).to.equal('[1]');
      expect(server?.requests()).to.equal(2);
      expect(await failureOf(read({ url }))).to.equal(`The numbers API responded with status ${status}.`);
      expect(server?.requests()).to.equal(5);
    });
  }

  for (const pause of ['60', '0', 'Wed, 21 Oct 2099 07:28:00 GMT']) {
    it(`does not retry a response with Retry-After: ${pause}`, async () => {
      const { url } = await serve((_, response) => {
        response.writeHead(503, { 'Retry-After': pause }).end();
      });
      expect(await failureOf(read({ url }))).to.equal('The numbers API responded with status 503.');
      expect(server?.requests()).to.equal(1);
    });
  }

  for (const [status, headers, message] of [
    [500, {}, 'The numbers API responded with status 500.'],
    [
      200,
      { 'Content-Encoding': 'gzip' },
      'The numbers API must not encode its response, got "Content-Encoding: gzip".',
    ],
  ] as const) {
    it(`does not wait for the body of a response with ${JSON.stringify({ status, ...headers })}`, async () => {
      const { url } = await serve((_, response) => {
        response.writeHead(status, headers).write('abc');
      });
      expect(await failureOf(read({ url }))).to.equal(message);
      while ((await server?.connections()) !== 0) await sleep(5);
    });
  }

  for (const [title, answer, message] of [
    [
      'two lengths',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n',
      'The response of the numbers API is not valid HTTP: ',
    ],
    [
      'too many headers',
      `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`,
      'The response of the numbers API is not valid HTTP: UND_ERR_HEADERS_OVERFLOW.',
    ],
    [
      'an invalid chunk',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n',
      'The response of the numbers API is not valid HTTP after 0 bytes: ',
    ],
  ] as const) {
    it(`does not retry a response that is not valid HTTP: ${title}`, async () => {
      const raw = await rawServer(answer);
      expect((await failureOf(read(raw))).slice(0, message.length)).to.equal(message);
      expect(raw.connections()).to.equal(1);
      raw.close();
    });
  }

  it('accepts Content-Encoding: identity', async () => {
    const { url } = await serve((_, response) => {
      response.writeHead(200, { 'Content-Encoding': 'identity' }).end('[1]');
    });
    expect(await read({ url })).to.equal('[1]');
  });

  it('retries if the connection is lost before the response', async () => {
    const { url } = await serve((request, response) => {
      if (server?.requests() === 3) response.end('[1]');
      else request.socket.resetAndDestroy();
    });
    expect(await read({ url })).to.equal('[1]');
    expect(server?.requests()).to.equal(3);
  });

  it('does not retry a response that breaks off, and reports where', async () => {
    const { url } = await serve((request, response) => {
      response.writeHead(200, { 'Content-Length': '100' });
      response.write('[1,2,3');
      setTimeout(() => request.socket.destroy(), 20);
    });
    expect(await failureOf(read({ url }))).to.match(
      /^The response of the numbers API breaks off after 6 bytes: \w+\.$/,
    );
    expect(server?.requests()).to.equal(1);
  });

  it('reports where a chunked response breaks off', async () => {
    const { url } = await serve((request, response) => {
      response.write('[1,2,3');
      setTimeout(() => request.socket.destroy(), 20);
    });
    expect(await failureOf(read({ url }))).to.match(/breaks off after 6 bytes: \w+\.$/);
  });

  it('fails if the server does not speak HTTP', async () => {
    const raw = await rawServer('SSH-2.0-OpenSSH_9.6\r\n');
    expect(await failureOf(read(raw))).to.match(/is not valid HTTP: Response does not match the HTTP/);
    expect(raw.connections()).to.equal(1);
    raw.close();
  });

  it('fails if nothing listens', async () => {
    const closed = await numbersServer(() => {});
    await closed.close();
    expect(await failureOf(read({ url: closed.url }))).to.equal("The numbers API can't be reached: ECONNREFUSED.");
  });

  it('fails if connecting takes too long', async function () {
    this.timeout(30_000);
    const { url, leave } = await deafServer();
    try {
      expect(await failureOf(read({ url, connectTimeoutMs: 50 }))).to.equal(
        "The numbers API can't be reached: UND_ERR_CONNECT_TIMEOUT.",
      );
    } finally {
      leave();
    }
  });

  it('rejects a response whose Content-Length is too large, without reading it', async () => {
    const { url } = await serve((_, response) => {
      response.writeHead(200, { 'Content-Length': '1000001' });
      response.write('[');
    });
    expect(await failureOf(read({ url }))).to.equal('The response of the numbers API is larger than 1000000 bytes.');
  });

  it('rejects a response that turns out to be too large', async () => {
    const { url } = await serve((_, response) => {
      const more = () => {
        while (response.write('1,'.repeat(1000)));
      };
      response.on('drain', more).write('[');
      more();
    });
    expect(await failureOf(read({ url }))).to.equal('The response of the numbers API is larger than 1000000 bytes.');
    expect(await failureOf(read({ url, maxBytes: 10 }))).to.equal(
      'The response of the numbers API is larger than 10 bytes.',
    );
  });

  it('accepts a response of exactly the maximum size', async () => {
    const { url } = await serve((_, response) => {
      response.end('[12,34,56]');
    });
    expect(await read({ url, maxBytes: 10 })).to.equal('[12,34,56]');
    expect(await failureOf(read({ url, maxBytes: 9 }))).to.include('larger than 9 bytes');
  });

  it('rejects a compressed response, which it did not request', async () => {
    const { url } = await serve((_, response) => {
      response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync('[1]'));
    });
    expect(await failureOf(read({ url }))).to.equal(
      'The numbers API must not encode its response, got "Content-Encoding: gzip".',
    );
  });
});

/** Starts a server that sends these bytes in response to any request. */
async function rawServer(answer: string) {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.on('error', () => {}).once('data', () => socket.end(answer));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => connections,
    close: () => server.close(),
  };
}

/** Starts a server that is stopped and whose backlog is full. */
async function deafServer(): Promise<{ url: string; leave: () => void }> {
  const program = `require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () { console.log(this.address().port); });`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] }) as ChildProcess;
  const [port] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
  child.kill('SIGSTOP');
  const sockets: Socket[] = [];
  for (let isFull = false; !isFull; ) {
    const socket = connect(Number(port), '127.0.0.1').on('error', () => {});
    sockets.push(socket);
    isFull = !(await Promise.race([once(socket, 'connect').then(() => true), sleep(300, false)]));
  }
  return {
    url: `http://127.0.0.1:${Number(port)}`,
    leave: () => {
      for (const socket of sockets) socket.destroy();
      child.kill('SIGKILL');
    },
  };
}
