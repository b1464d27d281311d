// The leader's side: counts for all workers, and hands its counts over when it closes.
import { lstatSync, readFileSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { replaceFile } from '../atomic-file.js';
import { listenOnSocket } from '../worker-socket.js';
import type { RateCounter, RatePaths } from './counter.js';
import { type Rate, RateWindows, type WindowEntry } from './rate-windows.js';

const CHECK_INTERVAL_MS = 500;

/** Continues with the previous leader's counts, if it left any. The caller must hold the lock. */
export async function openRateServer(paths: RatePaths, rate: Rate): Promise<RateCounter> {
  const windows = new RateWindows(rate);
  windows.import(takeCounts(paths.counts));
  const clients = new Set<Socket>();
  rmSync(paths.socket, { force: true });
  const server = await listenOnSocket(paths.socket, (socket) => {
    clients.add(socket);
    socket.once('close', () => clients.delete(socket));
    serve(socket, windows);
  });
  const inode = inodeOf(paths.socket);
  let isClosed = false;
  let resolveGone = () => {};
  const gone = new Promise<void>((resolve) => {
    resolveGone = resolve;
  });
  const stop = () => {
    isClosed = true;
    clearInterval(timer);
    // Closing removes the path, which may be another leader's socket by now.
    if (inodeOf(paths.socket) === inode) server.close();
    for (const socket of clients) socket.destroy();
    resolveGone();
  };
  // Without its socket no worker can find this leader, and another one may have been elected.
  const timer = setInterval(() => {
    if (inodeOf(paths.socket) !== inode) stop();
  }, CHECK_INTERVAL_MS).unref();
  return {
    consume: async (caller) => {
      if (isClosed) throw new Error('The rate server is closed.');
      return windows.consume(caller);
    },
    close: async () => {
      if (isClosed) return;
      try {
        replaceFile(paths.counts, JSON.stringify(windows.export()));
      } finally {
        stop();
      }
    },
    gone,
  };
}

/** The protocol: a line with the caller as JSON gets a line with the verdict, in the same order. */
function serve(socket: Socket, windows: RateWindows): void {
  socket.unref();
  createInterface({ input: socket })
    .on('error', () => {})
    .on('line', (line) => socket.write(`${JSON.stringify(windows.consume(JSON.parse(line)))}\n`));
}

function takeCounts(path: string): WindowEntry[] {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return [];
  } finally {
    rmSync(path, { force: true });
  }
}

function inodeOf(path: string): number | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.ino;
}
