// A bar that tells how far work is, at what rate, and how long it will take: for people in a terminal; elsewhere a line now and then.

export interface ProgressOptions {
  out: NodeJS.WriteStream;
  now?: () => number;
}

const BAR_WIDTH = 30;
const TERMINAL_MS = 200;
const ELSEWHERE_MS = 10_000;

export class Progress {
  readonly #options: Required<ProgressOptions>;
  readonly #begun: number;
  #done = 0;
  #total = 0;
  #shown: number;
  #isDrawn = false;

  constructor(options: ProgressOptions) {
    this.#options = { now: () => performance.now(), ...options };
    this.#begun = this.#options.now();
    this.#shown = this.#begun;
  }

  /** So many bytes more are done. */
  add(bytes: number): void {
    this.#done += bytes;
    this.#draw();
  }

  /** So many bytes more are to be done; or fewer, where they need not be done. */
  expect(bytes: number): void {
    this.#total += bytes;
  }

  /** A line of its own, above the bar. */
  say(text: string): void {
    this.end();
    this.#options.out.write(`${text}\n`);
  }

  /** Takes the bar away. */
  end(): void {
    if (this.#isDrawn) this.#options.out.write('\r\x1b[K');
    this.#isDrawn = false;
  }

  #draw(): void {
    const { out, now } = this.#options;
    const at = now();
    if (at - this.#shown < (out.isTTY ? TERMINAL_MS : ELSEWHERE_MS)) return;
    this.#shown = at;
    const line = renderProgress({ done: this.#done, total: this.#total, ms: at - this.#begun });
    if (out.isTTY) out.write(`\r${line}\x1b[K`);
    else out.write(`${line}\n`);
    this.#isDrawn = out.isTTY === true;
  }
}

/** `[###---]  52 %  118 MB/s  0:42 left` */
export function renderProgress({ done, total, ms }: { done: number; total: number; ms: number }): string {
  const part = total > 0 ? Math.min(1, done / total) : 1;
  const bar = '#'.repeat(Math.floor(part * BAR_WIDTH)).padEnd(BAR_WIDTH, '-');
  const rate = ms > 0 ? done / ms : 0;
  const left = rate > 0 ? `${renderTime((Math.max(0, total - done) / rate) * 1e-3)} left` : '';
  return `[${bar}] ${String(Math.floor(part * 100)).padStart(3)} %  ${(rate / 1e3).toFixed(1)} MB/s  ${left}`.trimEnd();
}

/** Seconds as `m:ss` or `h:mm:ss`. */
function renderTime(seconds: number): string {
  const whole = Math.round(seconds);
  const parts = [Math.floor(whole / 60) % 60, whole % 60].map((part) => String(part).padStart(2, '0'));
  const hours = Math.floor(whole / 3_600);
  return hours > 0 ? `${hours}:${parts.join(':')}` : parts.join(':').replace(/^0/, '');
}
