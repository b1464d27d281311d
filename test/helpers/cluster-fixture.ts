// A cluster with two workers that drain on SIGTERM. On SIGUSR2, the primary blocks its event loop
// for a while, as a busy one does.
import cluster from 'node:cluster';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { leaveCluster, onPrimaryGone, returnLostConnections } from '../../src/runtime/cluster-worker.js';
import { drainable } from '../../src/runtime/drain-server.js';
import { Lifecycle } from '../../src/runtime/lifecycle.js';

const BLOCK_MS = 500;

if (cluster.isPrimary) {
  for (let n = 0; n < 2; n += 1) cluster.fork();
  process.on('SIGUSR2', () => {
    console.log('still');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BLOCK_MS);
  });
  process.on('SIGTERM', () => process.exit());
} else {
  const server = createServer((_request, response) => response.end(`${process.pid}`));
  const lifecycle = new Lifecycle({ log: pino({ level: 'silent' }), exit: (status) => process.exit(status) });
  const drain = drainable(server, 10_000);
  lifecycle.onDrain('requests', async () => {
    await drain();
  });
  lifecycle.onDrain('cluster', leaveCluster);
  onPrimaryGone(() => lifecycle.drain('the primary is gone'));
  returnLostConnections(() => console.log(`lost ${process.pid}`));
  process.on('SIGTERM', () => lifecycle.drain('SIGTERM'));
  server.listen(0, '127.0.0.1', () => console.log(`worker ${process.pid} ${(server.address() as AddressInfo).port}`));
}
