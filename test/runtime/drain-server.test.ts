import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { type Drained, drainable } from '../../src/runtime/drain-server.js';

describe('drainable', () => {
  let server: Server;
  let drain: () => Promise<Drained>;
  const sockets: Socket[] = [];

  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
    server.close();
    server.closeAllConnections();
  });

  async function listen(handle: RequestListener, { limitMs = 60_000, keepAliveTimeout = 60_000 } = {}): Promise<void> {
    server = createServer({ keepAliveTimeout }, handle);
    drain = drainable(server, limitMs);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  }

  const ok: RequestListener = (_request, response) => response.end('ok');
  const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

  async function open(): Promise<{
    socket: Socket;
    send: (text: string) => void;
    until: (text: string) => Promise<string>;
  }> {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    sockets.push(socket);
    let received = '';
    let closed = false;
    socket.setEncoding('utf8').on('data', (data: string) => {
      received += data;
    });
    socket.on('error', () => {});
    socket.once('close', () => {
      closed = true;
    });
    await once(socket, 'connect');
    const until = async (text: string) => {
      while (!received.includes(text)) {
        if (closed) throw new Error(`closed after: ${received}`);
        await sleep(2);
      }
      const answer = received;
      received = '';
      return answer;
    };
    return { socket, send: (text) => socket.write(text), until };
  }

  /** Tracks whether a drain has ended. */
  function watch(drained: Promise<Drained>): { ended: boolean } {
    const state = { ended: false };
    drained.then(() => {
      state.ended = true;
    });
    return state;
  }

  it('resolves immediately without connections, and before the server listens', async () => {
    await listen(ok);
    expect(await drain()).to.deep.equal({ cutOff: 0 });
    const idle = createServer();
    expect(await drainable(idle, 1000)()).to.deep.equal({ cutOff: 0 });
  });

  it('accepts no new connections', async () => {
    await listen(ok);
    const { port } = server.address() as AddressInfo;
    await drain();
    const [error] = await once(connect(port, '127.0.0.1'), 'error');
    expect(error).to.have.property('code', 'ECONNREFUSED');
  });

  it('answers a request on an idle connection with `Connection: close`', async () => {
    await listen(ok);
    const { socket, send, until } = await open();
    send(GET);
    expect(await until('ok')).to.include('Connection: keep-alive');
    const drained = drain();
    const state = watch(drained);
    await sleep(100);
    expect([socket.destroyed, socket.readableEnded, state.ended]).to.deep.equal([false, false, false]);
    send(GET);
    expect(await until('ok')).to.include('Connection: close');
    expect(await drained).to.deep.equal({ cutOff: 0 });
  });

  it('adds `Connection: close` to responses in progress, even if their headers were removed', async () => {
    let finish: (() => void) | undefined;
    await listen((_request, response) => {
      finish = () => {
        // As Koa does when it handles an error.
        for (const name of response.getHeaderNames()) response.removeHeader(name);
        response.end('ok');
      };
    });
    const { send, until } = await open();
    send(GET);
    while (finish === undefined) await sleep(2);
    const drained = drain();
    finish();
    expect(await until('ok')).to.include('Connection: close');
    expect(await drained).to.deep.equal({ cutOff: 0 });
  });

  it('waits for a request that has arrived in part', async () => {
    await listen(ok, { keepAliveTimeout: 1 });
    const { send, until } = await open();
    send(GET.slice(0, 10));
    while ((await connectionsOf(server)) === 0) await sleep(2);
    await sleep(20);
    const drained = drain();
    const state = watch(drained);
    // Longer than an idle connection is kept.
    await sleep(1500);
    expect(state.ended).to.equal(false);
    send(GET.slice(10));
    expect(await until('ok')).to.include('Connection: close');
    expect(await drained).to.deep.equal({ cutOff: 0 });
  });

  it('ends a connection that is idle for longer than the keep-alive timeout', async () => {
    await listen(ok, { keepAliveTimeout: 1 });
    const { socket } = await open();
    while ((await connectionsOf(server)) === 0) await sleep(2);
    const closed = once(socket, 'close');
    expect(await drain()).to.deep.equal({ cutOff: 0 });
    await closed;
  });

  it('ends every connection at the limit, and counts the aborted requests', async () => {
    let begun = 0;
    await listen(
      () => {
        begun += 1;
      },
      { limitMs: 100 },
    );
    const stuck = [await open(), await open()];
    for (const { send } of stuck) send(GET);
    const idle = await open();
    while (begun < 2) await sleep(2);
    const closed = [...stuck, idle].map(({ socket }) => once(socket, 'close'));
    expect(await drain()).to.deep.equal({ cutOff: 2 });
    await Promise.all(closed);
  });
});

async function connectionsOf(server: Server): Promise<number> {
  return new Promise((resolve) => server.getConnections((_error, count) => resolve(count)));
}
