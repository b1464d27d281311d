// How a worker lives and dies: starting, ready, draining, gone.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';

export type Phase = 'starting' | 'ready' | 'draining';

/** Part of the way out. The next one begins when its promise has settled. */
export interface DrainStep {
  name: string;
  run: () => Promise<void>;
}

/** With the barrier's second before it, still within PM2's `kill_timeout`. */
const CLOSE_TIMEOUT_MS = 500;

export interface LifecycleOptions {
  log: Logger;
  /** Ends the process. */
  exit: (status: number) => void;
}

export class Lifecycle {
  readonly #options: LifecycleOptions;
  readonly #steps: DrainStep[] = [];
  readonly #closings: DrainStep[] = [];
  #phase: Phase = 'starting';

  constructor(options: LifecycleOptions) {
    this.#options = options;
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** Adds a step to the end of the way out. */
  onDrain(name: string, run: () => Promise<void>): void {
    this.#steps.push({ name, run });
  }

  /** Adds something to close after the last step. All of it is closed at once, and may take `CLOSE_TIMEOUT_MS`. */
  onClose(name: string, run: () => Promise<void>): void {
    this.#closings.push({ name, run });
  }

  /** The worker can do its work: readiness says so, and PM2, which waits for this, is told. */
  ready(): void {
    if (this.#phase !== 'starting') return;
    this.#phase = 'ready';
    process.send?.('ready');
  }

  /** A bug that nobody caught: what the worker has to answer it still answers, then it makes way for another. */
  fail(error: unknown): void {
    this.#options.log.fatal({ err: error }, 'bug');
    void this.drain('a bug', 1);
  }

  /**
   * Takes the steps in their order and exits: with 1 where one of them failed, else with the given status. A second call
   * changes nothing: who presses Ctrl-C twice, or is PM2, loses no request by it.
   */
  async drain(reason: string, status = 0): Promise<void> {
    if (this.#phase === 'draining') return;
    this.#phase = 'draining';
    const { log, exit } = this.#options;
    const started = performance.now();
    log.info({ reason }, 'draining');
    const take = async ({ name, run }: DrainStep) => {
      try {
        await run();
      } catch (error) {
        status = 1;
        log.error({ err: error, step: name }, 'drain step failed');
      }
    };
    for (const step of this.#steps) await take(step);
    const open = new Set(this.#closings.map(({ name }) => name));
    const closed = this.#closings.map((closing) => take(closing).then(() => open.delete(closing.name)));
    await withTimeout(Promise.all(closed), CLOSE_TIMEOUT_MS);
    if (open.size > 0) log.warn({ open: [...open], limitMs: CLOSE_TIMEOUT_MS }, 'close timed out');
    log.info({ ms: Math.round(performance.now() - started), status }, 'drained');
    log.flush();
    exit(status);
  }
}

/** Resolves when the promise does, but no later than the limit. */
async function withTimeout(promise: Promise<unknown>, limitMs: number): Promise<void> {
  const over = new AbortController();
  const late = sleep(limitMs, undefined, { signal: over.signal }).catch(() => {});
  await Promise.race([promise, late]);
  over.abort();
}
