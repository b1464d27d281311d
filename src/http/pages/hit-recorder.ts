// Where the entries of a search begin, relative to the lines on a page.
import type { MatchObserver } from '../../search/engine.js';

/** The lines on a page of a text, and the requested one. */
export interface LineWindow {
  first: number;
  last: number;
  /** `undefined` if the request names no line. */
  line: number | undefined;
}

export interface Hit {
  /** From 1. */
  number: number;
  /** The first line of the entry. */
  line: number;
}

/** Keeps a few of the entries of one file, however many there are. */
export class HitRecorder implements MatchObserver {
  readonly signal = new AbortController().signal;
  readonly #window: LineWindow;
  count = 0;
  /** The number of entries that begin before the page. */
  nrBefore = 0;
  nrOnPage = 0;
  /** The last entry that begins no later than the requested line, or before the page. */
  latest: Hit | undefined;
  /** The one before it. */
  earlier: Hit | undefined;
  /** The first entry that begins later. */
  next: Hit | undefined;

  constructor(window: LineWindow) {
    this.#window = window;
  }

  observe(_file: string, line: number): void {
    const { first, last, line: requested = first - 1 } = this.#window;
    this.count += 1;
    const hit = { number: this.count, line };
    if (line < first) this.nrBefore += 1;
    else if (line <= last) this.nrOnPage += 1;
    if (line > requested) this.next ??= hit;
    else {
      this.earlier = this.latest;
      this.latest = hit;
    }
  }
}
