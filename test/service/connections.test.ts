import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { type Service, spawnService } from '../helpers/spawn-service.js';

describe('CONNECTIONS_PER_WORKER', function () {
  this.timeout(30_000);
  let service: Service;
  const sockets: Socket[] = [];
  before(() => {
    service = spawnService({ CONNECTIONS_PER_WORKER: '3' });
  });
  after(async () => {
    for (const socket of sockets) socket.destroy();
    service.child.kill('SIGINT');
    await service.exited;
  });

  it('closes connections beyond the limit, and accepts new ones when others have closed', async () => {
    const { port } = new URL(await service.url());
    const open = async () => {
      const socket = connect(Number(port), '127.0.0.1').on('error', () => {});
      sockets.push(socket);
      await once(socket, 'connect');
      return socket;
    };
    const isAnswered = async (socket: Socket) => {
      // The server may close first, so that writing causes a reset.
      const isSent = once(socket, 'data').then(() => true);
      const isClosed = once(socket, 'close').then(() => false);
      socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
      return Promise.race([isSent, isClosed]).catch(() => false);
    };
    const first = [await open(), await open(), await open()];
    for (const socket of first) expect(await isAnswered(socket)).to.equal(true);
    expect(await isAnswered(await open())).to.equal(false);
    first[0]?.destroy();
    while (!(await isAnswered(await open()))) await sleep(20);
  });
});
