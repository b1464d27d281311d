// The client's side: gets verdicts from the leader over its socket.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { RateCounter } from './counter.js';
import type { Verdict } from './rate-windows.js';

/** The maximum number of requests that wait for a verdict. */
const MAX_PENDING = 10_000;

/** Error codes of a socket on which no process listens (unix(7)). */
const NOT_LISTENING = new Set(['ENOENT', 'ECONNREFUSED']);

/**
 * Returns `undefined` if there is no leader. Rejects if the connection fails for another reason.
 */
export async function connectToLeader(path: string): Promise<RateCounter | undefined> {
  const socket = connect(path);
  socket.unref();
  try {
    await once(socket, 'connect');
  } catch (error) {
    if (NOT_LISTENING.has((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
  return createClient(socket);
}

interface Pending {
  resolve: (verdict: Verdict) => void;
  reject: (error: Error) => void;
}

function createClient(socket: Socket): RateCounter {
  const pending: Pending[] = [];
  const gone = new Promise((resolve) => socket.once('close', resolve));
  socket.on('error', () => {});
  createInterface({ input: socket })
    .on('error', () => {})
    .on('line', (line) => pending.shift()?.resolve(JSON.parse(line) as Verdict));
  gone.then(() => {
    for (const { reject } of pending.splice(0)) reject(new Error('The leader is gone.'));
  });
  return {
    consume: (caller) =>
      new Promise((resolve, reject) => {
        if (socket.destroyed) return reject(new Error('The leader is gone.'));
        if (pending.length >= MAX_PENDING) return reject(new Error('The leader is stuck.'));
        pending.push({ resolve, reject });
        socket.write(`${JSON.stringify(caller)}\n`);
      }),
    close: async () => {
      socket.destroy();
    },
    gone,
  };
}
