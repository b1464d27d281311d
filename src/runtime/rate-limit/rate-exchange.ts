// One count for all workers: one of them counts, the others ask it on a socket. When it leaves,
// another one goes on with its counts; if it is killed, with new ones. While it doesn't answer, each
// of the others counts for itself. (The limiter for PM2 of rate-limiter-flexible 11 needs one more
// process, in whose memory it counts. It answers by PM2's ids of workers, which a reload gives to the
// new ones, so workers that drain would wait for its answers in vain.)
import { once } from 'node:events';
import { lstatSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { releaseLock, takeLock } from '../../concurrency/file-lock.js';
import { type Rate, RateWindows, type Verdict } from './rate-windows.js';

export interface RateExchangeOptions {
  folder: string;
  rate: Rate;
  answerTimeoutMs?: number;
}

/** A worker that is merely busy answers sooner. One that takes longer is stuck, and callers must not wait for it. */
const ANSWER_TIMEOUT_MS = 5_000;
const AGAIN_MS = 5;
/** How long a worker counts for itself where workers can't meet, before it tries again. */
const MEET_AGAIN_MS = 1_000;
/** How often the one that counts looks whether it still is the one that is found. */
const LOOK_EVERY_MS = 500;
/** Questions on their way. */
const MAX_WAITING = 10_000;

/** What the system says of a socket where nobody listens (unix(7)). */
const NOBODY = new Set(['ENOENT', 'ECONNREFUSED']);
/** What it says when it lacks resources for the moment: another worker may well be counting. */
const FOR_NOW = new Set(['EAGAIN', 'EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM']);

interface Counter {
  ask: (caller: string) => Promise<Verdict>;
  close: () => Promise<void>;
  /** Ends when it can't be asked any more. */
  gone: Promise<unknown>;
}

export class RateExchange {
  readonly #options: RateExchangeOptions;
  #counter: Promise<Counter>;
  #isClosed = false;
  /** What this worker counts while the one that counts for all is silent, or can't be met. */
  readonly #own: RateWindows;
  #isSilent = false;

  constructor(options: RateExchangeOptions) {
    this.#options = options;
    this.#own = new RateWindows(options.rate);
    this.#counter = this.#find();
    this.#counter.catch(() => {});
  }

  async ask(caller: string): Promise<Verdict> {
    if (this.#isSilent) return this.#own.ask(caller);
    const verdict = this.#ask(caller);
    const isOver = new AbortController();
    const { answerTimeoutMs = ANSWER_TIMEOUT_MS } = this.#options;
    // The answer may be there, unread, if it is this worker that stood still.
    const late = sleep(answerTimeoutMs, undefined, { ref: false, signal: isOver.signal }).then(
      () => nextTurn(undefined, { ref: false }),
      () => undefined,
    );
    const inTime = await Promise.race([verdict, late]);
    isOver.abort();
    if (inTime !== undefined) return inTime;
    // Until this question is answered, later callers don't wait for an answer.
    this.#isSilent = true;
    void verdict.then(() => {
      this.#isSilent = false;
    });
    return this.#own.ask(caller);
  }

  /** The counts go on with the others. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const counter = await this.#counter.catch(() => undefined);
    await counter?.close();
  }

  /** Returns `undefined` once this worker has left. */
  async #ask(caller: string): Promise<Verdict | undefined> {
    while (!this.#isClosed) {
      try {
        const counter = await this.#counter;
        return await counter.ask(caller);
      } catch {
        // It has left: the next one may be there already.
        await sleep(AGAIN_MS, undefined, { ref: false });
      }
    }
    return undefined;
  }

  /** Finds the one who counts, or becomes it. */
  async #find(): Promise<Counter> {
    while (!this.#isClosed) {
      const counter = await this.#tryToFind().catch((error: NodeJS.ErrnoException) =>
        FOR_NOW.has(error.code ?? '') ? undefined : this.#countAlone(),
      );
      if (counter !== undefined) {
        counter.gone.then(() => {
          if (this.#isClosed) return;
          this.#counter = this.#find();
          this.#counter.catch(() => {});
        });
        return counter;
      }
      await sleep(AGAIN_MS, undefined, { ref: false });
    }
    throw new Error('closed');
  }

  async #tryToFind(): Promise<Counter | undefined> {
    return (await this.#join()) ?? (await this.#becomeCounter());
  }

  /** Returns `undefined` if no worker counts. Throws if the connection fails for another reason. */
  async #join(): Promise<Counter | undefined> {
    const socket = connect(this.#path('sock'));
    socket.unref();
    try {
      await once(socket, 'connect');
    } catch (error) {
      if (NOBODY.has((error as NodeJS.ErrnoException).code ?? '')) return undefined;
      throw error;
    }
    return remoteCounter(socket);
  }

  /** Nothing where another one is quicker. */
  async #becomeCounter(): Promise<Counter | undefined> {
    const lock = this.#path('lock');
    if (!takeLock(lock)) return undefined;
    try {
      const other = await this.#join();
      if (other !== undefined) return other;
      const windows = new RateWindows(this.#options.rate);
      windows.import(this.#takeCounts());
      rmSync(this.#path('sock'), { force: true });
      const server = createServer((socket) => answer(socket, windows));
      server.listen({ path: this.#path('sock'), exclusive: true });
      await once(server, 'listening');
      server.unref();
      return ownCounter(server, windows, { socket: this.#path('sock'), counts: this.#path('counts') });
    } finally {
      releaseLock(lock);
    }
  }

  /** Where workers can't meet, on a disk that is full or read-only, say, each counts for itself and tries again later. */
  #countAlone(): Counter {
    return {
      ask: async (caller) => this.#own.ask(caller),
      close: async () => {},
      gone: sleep(MEET_AGAIN_MS, undefined, { ref: false }),
    };
  }

  #takeCounts(): ReturnType<RateWindows['export']> {
    try {
      return JSON.parse(readFileSync(this.#path('counts'), 'utf8'));
    } catch {
      return [];
    } finally {
      rmSync(this.#path('counts'), { force: true });
    }
  }

  #path(extension: string): string {
    const { most, windowMs } = this.#options.rate;
    // Workers with another limit, during a reload, have counts of their own.
    return join(this.#options.folder, `rate-${most}-${windowMs}.${extension}`);
  }
}

/** A caller's name a line; a verdict a line, in the same order. */
function answer(socket: Socket, windows: RateWindows): void {
  socket.on('error', () => {});
  socket.unref();
  createInterface({ input: socket })
    .on('error', () => {})
    .on('line', (line) => socket.write(`${JSON.stringify(windows.ask(JSON.parse(line)))}\n`));
}

function remoteCounter(socket: Socket): Counter {
  const waiting: { resolve: (verdict: Verdict) => void; reject: (error: Error) => void }[] = [];
  const gone = new Promise((resolve) => socket.once('close', resolve));
  socket.on('error', () => {});
  createInterface({ input: socket })
    .on('error', () => {})
    .on('line', (line) => waiting.shift()?.resolve(JSON.parse(line) as Verdict));
  gone.then(() => {
    for (const { reject } of waiting.splice(0)) reject(new Error('gone'));
  });
  return {
    ask: (caller) =>
      new Promise((resolve, reject) => {
        if (socket.destroyed || waiting.length >= MAX_WAITING) return reject(new Error('gone, or stuck'));
        waiting.push({ resolve, reject });
        socket.write(`${JSON.stringify(caller)}\n`);
      }),
    close: async () => {
      socket.destroy();
    },
    gone,
  };
}

function ownCounter(server: Server, windows: RateWindows, paths: { socket: string; counts: string }): Counter {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const own = inodeOf(paths.socket);
  let resign = () => {};
  const gone = new Promise<void>((resolve) => {
    resign = resolve;
  });
  let isClosed = false;
  const end = () => {
    isClosed = true;
    clearInterval(timer);
    // Closing removes the socket, also where that is another one's by now.
    if (inodeOf(paths.socket) === own) server.close();
    for (const socket of sockets) socket.destroy();
    resign();
  };
  const timer = setInterval(() => {
    if (inodeOf(paths.socket) !== own) end();
  }, LOOK_EVERY_MS).unref();
  return {
    ask: async (caller) => {
      if (isClosed) throw new Error('gone');
      return windows.ask(caller);
    },
    close: async () => {
      if (isClosed) return;
      try {
        writeFileSync(`${paths.counts}.new`, JSON.stringify(windows.export()));
        renameSync(`${paths.counts}.new`, paths.counts);
      } finally {
        end();
      }
    },
    gone,
  };
}

function inodeOf(path: string): number | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.ino;
}

/** Without a folder to meet in, this worker counts for itself. */
export function openRateLimit({ folder, rate }: { folder: string | undefined; rate: Rate }): {
  ask: (caller: string) => Promise<Verdict>;
  close: () => Promise<void>;
} {
  if (folder === undefined) {
    const windows = new RateWindows(rate);
    return { ask: async (caller) => windows.ask(caller), close: async () => {} };
  }
  const exchange = new RateExchange({ folder, rate });
  return { ask: (caller) => exchange.ask(caller), close: () => exchange.close() };
}
