// A worker's side of node:cluster, whose primary is PM2's daemon.
import cluster from 'node:cluster';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

/** The longest that a primary that does not answer is waited for. */
const LIMIT_MS = 1_000;

/** Where this process is a worker: calls back when its primary is gone, instead of ending the process at once as Node does. */
export function onPrimaryGone(drain: () => void): void {
  if (cluster.worker === undefined) return;
  cluster.worker.exitedAfterDisconnect = true;
  process.once('disconnect', drain);
}

/** How long to wait before asking for a connection again that there was no file descriptor for. */
const RETURN_MS = 100;

/** A message of node:cluster that hands over a connection (undocumented). */
interface Handover {
  cmd?: string;
  msg?: { act?: string; seq?: number };
}

/**
 * Returns connections to the primary that can't be received for want of file descriptors, and
 * calls back. The primary then hands them over again, here or elsewhere. Without the answer, Node's
 * primary waits forever and gives this worker no further connections.
 */
export function returnLostConnections(onLost: () => void): void {
  if (cluster.worker === undefined) return;
  process.on('internalMessage' as 'message', ({ cmd, msg }: Handover, handle: unknown) => {
    if (cmd !== 'NODE_HANDLE' || msg?.act !== 'newconn' || handle) return;
    onLost();
    const timer = setTimeout(() => returnConnection(), RETURN_MS);
    returnConnection = () => {
      clearTimeout(timer);
      returnConnection = () => {};
      if (process.connected) process.send?.({ cmd: 'NODE_CLUSTER', ack: msg.seq, accepted: false });
    };
  });
}

/** The primary hands over one connection at a time, so at most one is to be returned. */
let returnConnection = () => {};

/**
 * The barrier: when this returns, the primary has been told of every connection that it handed over and that this worker did not
 * take any more, and gives it to another one. Without this such a connection would stay open in the primary, with nobody to answer.
 */
export async function leaveCluster(): Promise<void> {
  if (cluster.worker === undefined || !process.connected) return;
  returnConnection();
  const gone = once(process, 'disconnect');
  cluster.worker.disconnect();
  await Promise.race([gone, sleep(LIMIT_MS, undefined, { ref: false })]);
}
