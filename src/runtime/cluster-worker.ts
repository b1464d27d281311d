// A worker's side of node:cluster. Its primary process is PM2's daemon.
import cluster from 'node:cluster';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

const DISCONNECT_TIMEOUT_MS = 1_000;

/** How long to keep a connection that couldn't be received from the primary before returning it. */
const RETURN_DELAY_MS = 100;

/** In a worker, drains when the primary is gone. By default, Node ends the process immediately. */
export function onPrimaryGone(drain: () => void): void {
  if (cluster.worker === undefined) return;
  cluster.worker.exitedAfterDisconnect = true;
  process.once('disconnect', drain);
}

/** The undocumented message by which node:cluster hands over a connection. */
interface Handover {
  cmd?: string;
  msg?: { act?: string; seq?: number };
}

/**
 * Returns connections to the primary that can't be received for lack of file descriptors, and calls
 * `onLost`. The primary then assigns them to a worker again. Without a reply, it would wait forever
 * and send this worker no further connections.
 */
export function returnLostConnections(onLost: () => void): void {
  if (cluster.worker === undefined) return;
  process.on('internalMessage' as 'message', ({ cmd, msg }: Handover, handle: unknown) => {
    if (cmd !== 'NODE_HANDLE' || msg?.act !== 'newconn' || handle) return;
    onLost();
    const timer = setTimeout(() => returnConnection(), RETURN_DELAY_MS);
    returnConnection = () => {
      clearTimeout(timer);
      returnConnection = () => {};
      if (process.connected) process.send?.({ cmd: 'NODE_CLUSTER', ack: msg.seq, accepted: false });
    };
  });
}

/** The primary hands over one connection at a time, so at most one is waiting to be returned. */
let returnConnection = () => {};

/**
 * Disconnects from the primary. When this resolves, the primary has reassigned every connection
 * that this worker did not accept. Otherwise such a connection would stay open without a response.
 */
export async function leaveCluster(): Promise<void> {
  if (cluster.worker === undefined || !process.connected) return;
  returnConnection();
  const disconnected = once(process, 'disconnect');
  cluster.worker.disconnect();
  await Promise.race([disconnected, sleep(DISCONNECT_TIMEOUT_MS, undefined, { ref: false })]);
}
