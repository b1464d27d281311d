// Entries that are a line, without context: what grep prints by itself.
import type { Entry } from '../../engine.js';
import { bytesToShow, cut, type LineEnd, Lines } from '../../entries/lines.js';
import type { Selection } from '../../entries/selection.js';

export interface LineOptions {
  selection: Selection;
  /** The longest line, in UTF-16 code units. */
  longest: number;
  lineEnd: LineEnd;
}

export class LineEntries {
  readonly #selection: Selection;
  readonly #longest: number;
  readonly #lines: Lines;
  nrOfEntries = 0;
  /** Whether an entry was cut. */
  wasCut = false;

  constructor({ selection, longest, lineEnd }: LineOptions) {
    this.#selection = selection;
    this.#longest = longest;
    this.#lines = new Lines(bytesToShow(longest), lineEnd);
  }

  /** The entries that a piece of grep's output completes: grep ends every line with a newline, also one that has none in its file. */
  read(output: Buffer): Entry[] {
    const first = this.nrOfEntries;
    // No piece completes more lines than it has bytes.
    if (!this.#selection.wantsAny(first, first + output.length)) {
      this.nrOfEntries += this.#lines.skip(output);
      return [];
    }
    const lines = this.#lines.read(output);
    this.nrOfEntries += lines.length;
    for (const [at, line] of lines.entries()) {
      if (line.length <= this.#longest || !this.#selection.wants(first + at)) continue;
      lines[at] = cut(line, this.#longest);
      this.wasCut = true;
    }
    return this.#selection.take(first, lines);
  }
}
