// How a worker lives and dies: starting, ready, draining, gone.
import type { Logger } from 'pino';

export type Phase = 'starting' | 'ready' | 'draining';

/** Part of the way out. The next one begins when its promise has settled. */
export interface DrainStep {
  name: string;
  run: () => Promise<void>;
}

export interface LifecycleOptions {
  log: Logger;
  /** Ends the process. */
  exit: (status: number) => void;
}

export class Lifecycle {
  readonly #options: LifecycleOptions;
  readonly #steps: DrainStep[] = [];
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
    for (const { name, run } of this.#steps) {
      try {
        await run();
      } catch (error) {
        status = 1;
        log.error({ err: error, step: name }, 'drain step failed');
      }
    }
    log.info({ ms: Math.round(performance.now() - started), status }, 'drained');
    log.flush();
    exit(status);
  }
}
