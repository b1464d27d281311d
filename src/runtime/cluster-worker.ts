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

/**
 * The barrier: when this returns, the primary has been told of every connection that it handed over and that this worker did not
 * take any more, and gives it to another one. Without this such a connection would stay open in the primary, with nobody to answer.
 */
export async function leaveCluster(): Promise<void> {
  if (cluster.worker === undefined || !process.connected) return;
  const gone = once(process, 'disconnect');
  cluster.worker.disconnect();
  await Promise.race([gone, sleep(LIMIT_MS)]);
}
