// Shows the progress of a task: a bar in a terminal, or a line every ten seconds elsewhere.

export interface ProgressOptions {
  out: NodeJS.WriteStream;
  now?: () => number;
}

const BAR_WIDTH = 30;
const TERMINAL_INTERVAL_MS = 200;
const LOG_INTERVAL_MS = 10_000;

export class Progress {
  readonly #options: Required<ProgressOptions>;
  readonly #startedMs: number;
  #doneBytes = 0;
  #totalBytes = 0;
  #drawnMs: number;
  #isBarVisible = false;

  constructor(options: ProgressOptions) {
    this.#options = { now: () => performance.now(), ...options };
    this.#startedMs = this.#options.now();
    this.#drawnMs = this.#startedMs;
  }

  /** Adds to the number of bytes that are done. */
  add(bytes: number): void {
    this.#doneBytes += bytes;
    this.#draw();
  }

  /** Adds to the total. Pass a negative number for bytes that turn out to need no work. */
  addToTotal(bytes: number): void {
    this.#totalBytes += bytes;
  }

  /** Prints a line above the bar. */
  print(text: string): void {
    this.clear();
    this.#options.out.write(`${text}\n`);
  }

  /** Erases the bar. */
  clear(): void {
    if (this.#isBarVisible) this.#options.out.write('\r\x1b[K');
    this.#isBarVisible = false;
  }

  #draw(): void {
    const { out, now } = this.#options;
    const nowMs = now();
    if (nowMs - this.#drawnMs < (out.isTTY ? TERMINAL_INTERVAL_MS : LOG_INTERVAL_MS)) return;
    this.#drawnMs = nowMs;
    const elapsedMs = nowMs - this.#startedMs;
    const line = renderProgress({ doneBytes: this.#doneBytes, totalBytes: this.#totalBytes, elapsedMs });
    if (out.isTTY) out.write(`\r${line}\x1b[K`);
    else out.write(`${line}\n`);
    this.#isBarVisible = out.isTTY === true;
  }
}

export interface ProgressState {
  doneBytes: number;
  totalBytes: number;
  elapsedMs: number;
}

/** `[###---]  52 %  118.0 MB/s  0:42 left` */
export function renderProgress({ doneBytes, totalBytes, elapsedMs }: ProgressState): string {
  const fraction = totalBytes > 0 ? Math.min(1, doneBytes / totalBytes) : 1;
  const bar = '#'.repeat(Math.floor(fraction * BAR_WIDTH)).padEnd(BAR_WIDTH, '-');
  const bytesPerMs = elapsedMs > 0 ? doneBytes / elapsedMs : 0;
  const leftMs = Math.max(0, totalBytes - doneBytes) / bytesPerMs;
  const left = bytesPerMs > 0 ? `${renderTime(leftMs / 1_000)} left` : '';
  const percent = String(Math.floor(fraction * 100)).padStart(3);
  return `[${bar}] ${percent} %  ${(bytesPerMs / 1_000).toFixed(1)} MB/s  ${left}`.trimEnd();
}

/** Renders seconds as `m:ss` or `h:mm:ss`. */
function renderTime(seconds: number): string {
  const rounded = Math.round(seconds);
  const parts = [Math.floor(rounded / 60) % 60, rounded % 60].map((part) => String(part).padStart(2, '0'));
  const hours = Math.floor(rounded / 3_600);
  return hours > 0 ? `${hours}:${parts.join(':')}` : parts.join(':').replace(/^0/, '');
}
