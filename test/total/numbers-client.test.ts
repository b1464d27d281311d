// The client of the numbers API, and real servers that do what they should not.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { numbersClient } from '../../src/total/numbers-client.js';
import { NumbersFailed } from '../../src/total/numbers-source.js';
import { type NumbersServer, numbersServer } from '../helpers/numbers-server.js';

const options = { connectTimeoutMs: 1_000, maxBytes: 1_000_000 };

async function read(api: { url: string; connectTimeoutMs?: number; maxBytes?: number }): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of numbersClient({ ...options, ...api }).read()) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

async function failureOf(reading: Promise<string>): Promise<string> {
  const failure = await reading.then(
    (text) => expect.fail(`read ${text}`),
    (error) => error,
  );
  expect(failure).to.be.instanceOf(NumbersFailed);
  return failure.message;
}

describe('the client of the numbers API', () => {
  let server: NumbersServer | undefined;
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  async function serve(...answer: Parameters<typeof numbersServer>): Promise<{ url: string }> {
    server = await numbersServer(...answer);
    return server;
  }

  it('gives what the API answers, as it comes', async () => {
    let goOn = () => {};
    const { url } = await serve((request, response) => {
      expect(request).to.include({ method: 'GET', url: '/numbers' });
      expect(request.headers.accept).to.equal('application/json');
      response.write('[1,');
      goOn = () => response.end('2]');
    });
    const pieces: string[] = [];
    for await (const piece of numbersClient({ ...options, url }).read()) {
      pieces.push(Buffer.from(piece).toString());
      goOn();
    }
    expect(pieces).to.deep.equal(['[1,', '2]']);
    while ((await server?.connections()) !== 0) await sleep(5);
  });

  it('ends the connection where nobody reads on', async () => {
    const { url } = await serve((_, response) => {
      response.write('[1,');
    });
    for await (const _ of numbersClient({ ...options, url }).read()) break;
    while ((await server?.connections()) !== 0) await sleep(5);
  });

  for (const status of [204, 206, 301, 400, 404, 500, 501]) {
    it(`fails on status ${status}, at once`, async () => {
      const { url } = await serve((_, response) => {
        response.writeHead(status, { Location: '/elsewhere' }).end(status === 204 ? undefined : '[1]');
      });
      expect(await failureOf(read({ url }))).to.equal(`The numbers API answered with status ${status}.`);
      expect(server?.requests()).to.equal(1);
    });
  }

  for (const status of [429, 502, 503, 504]) {
    it(`tries again after status ${status}, and no more than twice`, async () => {
      const { url } = await serve((_, response) => {
        if (server?.requests() === 2) response.end('[1]');
        else response.writeHead(status).end();
      });
      expect(await read({ url })).to.equal('[1]');
      expect(server?.requests()).to.equal(2);
      expect(await failureOf(read({ url }))).to.equal(`The numbers API answered with status ${status}.`);
      expect(server?.requests()).to.equal(5);
    });
  }

  for (const pause of ['60', '0', 'Wed, 21 Oct 2099 07:28:00 GMT']) {
    it(`does not press an API that says when to come again: ${pause}`, async () => {
      const { url } = await serve((_, response) => {
        response.writeHead(503, { 'Retry-After': pause }).end();
      });
      expect(await failureOf(read({ url }))).to.equal('The numbers API answered with status 503.');
      expect(server?.requests()).to.equal(1);
    });
  }

  for (const [status, headers, message] of [
    [500, {}, 'The numbers API answered with status 500.'],
    [200, { 'Content-Encoding': 'gzip' }, 'The answer of the numbers API has the Content-Encoding gzip.'],
  ] as const) {
    it(`waits for no end of an answer with ${JSON.stringify({ status, ...headers })}`, async () => {
      const { url } = await serve((_, response) => {
        response.writeHead(status, headers).write('abc');
      });
      expect(await failureOf(read({ url }))).to.equal(message);
      while ((await server?.connections()) !== 0) await sleep(5);
    });
  }

  for (const [title, answer, message] of [
    [
      'both lengths',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n',
      'The answer of the numbers API can not be read: ',
    ],
    [
      'too many headers',
      `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`,
      'The answer of the numbers API can not be read: UND_ERR_HEADERS_OVERFLOW.',
    ],
    [
      'a chunk that is none',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n',
      'The answer of the numbers API can not be read after 0 bytes: ',
    ],
  ] as const) {
    it(`does not ask again for an answer that is not HTTP: ${title}`, async () => {
      const raw = await rawServer(answer);
      expect((await failureOf(read(raw))).slice(0, message.length)).to.equal(message);
      expect(raw.connections()).to.equal(1);
      raw.close();
    });
  }

  it('takes an answer that says that it is not packed', async () => {
    const { url } = await serve((_, response) => {
      response.writeHead(200, { 'Content-Encoding': 'identity' }).end('[1]');
    });
    expect(await read({ url })).to.equal('[1]');
  });

  it('tries again where the connection is lost before there is an answer', async () => {
    const { url } = await serve((request, response) => {
      if (server?.requests() === 3) response.end('[1]');
      else request.socket.resetAndDestroy();
    });
    expect(await read({ url })).to.equal('[1]');
    expect(server?.requests()).to.equal(3);
  });

  it('does not try again where the answer breaks off, and says where', async () => {
    const { url } = await serve((request, response) => {
      response.writeHead(200, { 'Content-Length': '100' });
      response.write('[1,2,3');
      setTimeout(() => request.socket.destroy(), 20);
    });
    expect(await failureOf(read({ url }))).to.match(/^The answer of the numbers API is cut off after 6 bytes: \w+\.$/);
    expect(server?.requests()).to.equal(1);
  });

  it('says so where chunks break off', async () => {
    const { url } = await serve((request, response) => {
      response.write('[1,2,3');
      setTimeout(() => request.socket.destroy(), 20);
    });
    expect(await failureOf(read({ url }))).to.match(/is cut off after 6 bytes: \w+\.$/);
  });

  it('fails where what answers does not speak HTTP', async () => {
    const raw = await rawServer('SSH-2.0-OpenSSH_9.6\r\n');
    expect(await failureOf(read(raw))).to.match(/can not be read: Response does not match the HTTP/);
    expect(raw.connections()).to.equal(1);
    raw.close();
  });

  it('fails where nothing listens', async () => {
    const closed = await numbersServer(() => {});
    await closed.close();
    expect(await failureOf(read({ url: closed.url }))).to.equal('The numbers API does not answer: ECONNREFUSED.');
  });

  it('fails where no connection comes about in time', async function () {
    this.timeout(30_000);
    const { url, leave } = await deafServer();
    try {
      expect(await failureOf(read({ url, connectTimeoutMs: 50 }))).to.equal(
        'The numbers API does not answer: UND_ERR_CONNECT_TIMEOUT.',
      );
    } finally {
      leave();
    }
  });

  it('refuses an answer that says it is too large, before it comes', async () => {
    const { url } = await serve((_, response) => {
      response.writeHead(200, { 'Content-Length': '1000001' });
      response.write('[');
    });
    expect(await failureOf(read({ url }))).to.equal('The answer of the numbers API is larger than 1000000 bytes.');
  });

  it('refuses an answer that turns out to be too large', async () => {
    const { url } = await serve((_, response) => {
      const more = () => {
        while (response.write('1,'.repeat(1000)));
      };
      response.on('drain', more).write('[');
      more();
    });
    expect(await failureOf(read({ url }))).to.equal('The answer of the numbers API is larger than 1000000 bytes.');
    expect(await failureOf(read({ url, maxBytes: 10 }))).to.equal(
      'The answer of the numbers API is larger than 10 bytes.',
    );
  });

  it('takes an answer of just that length', async () => {
    const { url } = await serve((_, response) => {
      response.end('[12,34,56]');
    });
    expect(await read({ url, maxBytes: 10 })).to.equal('[12,34,56]');
    expect(await failureOf(read({ url, maxBytes: 9 }))).to.include('larger than 9 bytes');
  });

  it('refuses an answer that is packed, which it did not ask for', async () => {
    const { url } = await serve((_, response) => {
      response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync('[1]'));
    });
    expect(await failureOf(read({ url }))).to.equal('The answer of the numbers API has the Content-Encoding gzip.');
  });
});

/** A server that sends this, whatever it is asked. */
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

/** A server that stands still and has no room for another connection. */
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
