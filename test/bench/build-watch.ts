// What the process costs that builds the indexes of a service.
import { findProcesses, isAlive } from '../helpers/processes.js';
import { cpuMs, memoryBytes } from './process-cost.js';

const INTERVAL_MS = 50;

export class BuildWatch {
  readonly #timer: NodeJS.Timeout;
  /** The process that builds now. */
  #pid: number | undefined;
  /** The CPU time of a process that has exited, and of the current one. */
  #earlierMs = 0;
  #currentMs = 0;
  /** The peak memory in bytes. */
  peakBytes = 0;

  /** @param indexDir the folder of the indexes, which the arguments of the process contain */
  constructor(indexDir: string) {
    this.#timer = setInterval(() => this.#look(indexDir), INTERVAL_MS);
  }

  /** The CPU time in milliseconds. */
  get cpuMs(): number {
    return this.#earlierMs + this.#currentMs;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(indexDir: string): void {
    const [pid] = findProcesses(indexDir);
    if (pid !== this.#pid) {
      this.#earlierMs += this.#currentMs;
      this.#currentMs = 0;
      this.#pid = pid;
    }
    if (pid === undefined || !isAlive(pid)) return;
    this.#currentMs = Math.max(this.#currentMs, cpuMs([pid]));
    this.peakBytes = Math.max(this.peakBytes, memoryBytes(pid, 'VmHWM') || 0);
  }
}
