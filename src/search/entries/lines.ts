// Splits text that arrives in chunks of any size into lines of bounded length.

const NEWLINE = 0x0a;

/** What ends a line: `\n` alone, or also `\r\n`. */
export type LineEnd = 'lf' | 'lf or crlf';

/**
 * Splits bytes into lines without their line ends. Keeps only the first `maxBytes` of a longer
 * line.
 */
export class LineSplitter {
  readonly #maxBytes: number;
  readonly #lineEnd: LineEnd;
  /** The beginning of a line whose end hasn't arrived. */
  #partial: Buffer[] = [];
  #partialBytes = 0;
  #isPartialTruncated = false;
  /** Whether the first line of the last result was truncated. No other line of a result can be. */
  isFirstTruncated = false;

  constructor(maxBytes: number, lineEnd: LineEnd) {
    this.#maxBytes = maxBytes;
    this.#lineEnd = lineEnd;
  }

  /** Returns the lines that this chunk completes. */
  read(chunk: Buffer): string[] {
    const end = chunk.lastIndexOf(NEWLINE);
    if (end === -1) {
      this.#append(chunk);
      return [];
    }
    const first = this.#partial.length > 0 ? chunk.indexOf(NEWLINE) : 0;
    if (first > 0) this.#append(chunk.subarray(0, first));
    const lines = this.#complete(chunk.subarray(first, end));
    if (end + 1 < chunk.length) this.#append(chunk.subarray(end + 1));
    return lines;
  }

  /** Skips the lines that this chunk completes, and returns their number. */
  skip(chunk: Buffer): number {
    const end = chunk.lastIndexOf(NEWLINE);
    if (end !== -1) this.#reset();
    if (end + 1 < chunk.length) this.#append(chunk.subarray(end + 1));
    return countNewlines(chunk);
  }

  /** Returns the last line if it has no line end. */
  end(): string[] {
    return this.#partial.length === 0 ? [] : this.#complete(Buffer.alloc(0));
  }

  /** @param chunk what follows the partial line, up to but without the last line end */
  #complete(chunk: Buffer): string[] {
    const bytes = this.#partial.length === 0 ? chunk : Buffer.concat([...this.#partial, chunk]);
    this.isFirstTruncated = this.#isPartialTruncated;
    this.#reset();
    // Whole lines contain whole characters, so decoding them together splits none.
    const text = bytes.toString('utf8');
    const lines = text.split('\n');
    if (this.#lineEnd === 'lf' || !text.includes('\r')) return lines;
    return lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
  }

  #reset(): void {
    this.#partial = [];
    this.#partialBytes = 0;
    this.#isPartialTruncated = false;
  }

  #append(chunk: Buffer): void {
    const room = this.#maxBytes - this.#partialBytes;
    if (chunk.length <= room) {
      this.#partial.push(chunk);
      this.#partialBytes += chunk.length;
      return;
    }
    this.#isPartialTruncated = true;
    if (room <= 0) return;
    this.#partial.push(chunk.subarray(0, characterBoundary(chunk, room)));
    this.#partialBytes = this.#maxBytes;
  }
}

/**
 * Returns the number of bytes of a line to keep in order to detect that it exceeds `maxLength`
 * UTF-16 code units, each of which takes at most three bytes in UTF-8.
 */
export function maxLineBytes(maxLength: number): number {
  return 3 * (maxLength + 2);
}

export function countNewlines(chunk: Buffer): number {
  let count = 0;
  for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, at + 1)) count += 1;
  return count;
}

/** Truncates a text to at most `maxLength` UTF-16 code units without splitting a surrogate pair. */
export function truncate(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const splitsPair =
    /[\uD800-\uDBFF]/.test(text.charAt(maxLength - 1)) && /[\uDC00-\uDFFF]/.test(text.charAt(maxLength));
  return text.slice(0, splitsPair ? maxLength - 1 : maxLength);
}

/**
 * Returns the last character boundary at or before `end`. In UTF-8, continuation bytes begin with
 * 10.
 */
function characterBoundary(bytes: Buffer, end: number): number {
  const isContinuation = (index: number) => ((bytes[index] ?? 0) & 0xc0) === 0x80;
  let boundary = end;
  while (boundary > 0 && end - boundary < 3 && isContinuation(boundary)) boundary -= 1;
  return isContinuation(boundary) ? end : boundary;
}
