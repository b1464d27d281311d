// Turns grep's plain output into entries: one line each, without context.
import type { Entry } from '../../engine.js';
import { type LineEnd, LineSplitter, maxLineBytes, truncate } from '../../entries/lines.js';
import type { Selection } from '../../entries/selection.js';

export interface LineEntriesOptions {
  selection: Selection;
  /** The maximum length of a line, in UTF-16 code units. */
  maxLength: number;
  lineEnd: LineEnd;
}

export class LineEntries {
  readonly #selection: Selection;
  readonly #maxLength: number;
  readonly #splitter: LineSplitter;
  nrOfEntries = 0;
  /** Whether an entry was truncated. */
  wasTruncated = false;

  constructor({ selection, maxLength, lineEnd }: LineEntriesOptions) {
    this.#selection = selection;
    this.#maxLength = maxLength;
    this.#splitter = new LineSplitter(maxLineBytes(maxLength), lineEnd);
  }

  /** Counts entries that aren't read. */
  skip(entries: number): void {
    this.nrOfEntries += entries;
  }

  /** Returns the entries that a chunk of output completes. grep ends every line with a newline. */
  read(output: Buffer): Entry[] {
    const first = this.nrOfEntries;
    // A chunk completes at most as many lines as it has bytes.
    if (!this.#selection.mayIncludeAny(first, first + output.length)) {
      this.nrOfEntries += this.#splitter.skip(output);
      return [];
    }
    const lines = this.#splitter.read(output);
    this.nrOfEntries += lines.length;
    for (const [index, line] of lines.entries()) {
      if (line.length <= this.#maxLength || !this.#selection.mayInclude(first + index)) continue;
      lines[index] = truncate(line, this.#maxLength);
      this.wasTruncated = true;
    }
    return this.#selection.take(first, lines);
  }
}
