// The phases of a worker, and the steps by which it drains and exits.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';

export type Phase = 'starting' | 'ready' | 'draining';

/** A step of the drain, or something to close after it. */
export interface DrainStep {
  name: string;
  run: () => Promise<void>;
}

/** Plus the second that leaving the cluster may take, this stays within PM2's `kill_timeout`. */
const CLOSE_TIMEOUT_MS = 500;

export interface LifecycleOptions {
  log: Logger;
  /** Ends the process. */
  exit: (status: number) => void;
}

export class Lifecycle {
  readonly #options: LifecycleOptions;
  readonly #steps: DrainStep[] = [];
  readonly #closers: DrainStep[] = [];
  #phase: Phase = 'starting';

  constructor(options: LifecycleOptions) {
    this.#options = options;
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** Appends a step to the drain. Each step begins when the previous one has settled. */
  onDrain(name: string, run: () => Promise<void>): void {
    this.#steps.push({ name, run });
  }

  /**
   * Adds something to close after the last step. Everything closes concurrently, within
   * `CLOSE_TIMEOUT_MS`.
   */
  onClose(name: string, run: () => Promise<void>): void {
    this.#closers.push({ name, run });
  }

  /** Makes the worker ready, and sends PM2 the message that `wait_ready` waits for. */
  ready(): void {
    if (this.#phase !== 'starting') return;
    this.#phase = 'ready';
    process.send?.('ready');
  }

  /** Drains because of an uncaught error. Outstanding requests are still answered. */
  fail(error: unknown): void {
    this.#options.log.fatal({ err: error }, 'bug');
    void this.drain('bug', 1);
  }

  /**
   * Runs the steps in order, closes the rest and exits with `status`, or with 1 if any of them
   * failed. Further calls do nothing, so a second Ctrl-C or PM2's second signal loses no request.
   */
  async drain(reason: string, status = 0): Promise<void> {
    if (this.#phase === 'draining') return;
    this.#phase = 'draining';
    const { log, exit } = this.#options;
    const started = performance.now();
    log.info({ reason }, 'draining');
    const runStep = async ({ name, run }: DrainStep) => {
      try {
        await run();
      } catch (error) {
        status = 1;
        log.error({ err: error, step: name }, 'drain step failed');
      }
    };
    for (const step of this.#steps) await runStep(step);
    const open = new Set(this.#closers.map(({ name }) => name));
    const closed = this.#closers.map((closer) => runStep(closer).then(() => open.delete(closer.name)));
    await withTimeout(Promise.all(closed), CLOSE_TIMEOUT_MS);
    if (open.size > 0) log.warn({ open: [...open], limitMs: CLOSE_TIMEOUT_MS }, 'close timed out');
    log.info({ ms: Math.round(performance.now() - started), status }, 'drained');
    log.flush();
    exit(status);
  }
}

/** Resolves when the promise resolves or the timeout expires. */
async function withTimeout(promise: Promise<unknown>, timeoutMs: number): Promise<void> {
  const timer = new AbortController();
  const timeout = sleep(timeoutMs, undefined, { signal: timer.signal }).catch(() => {});
  await Promise.race([promise, timeout]);
  timer.abort();
}
