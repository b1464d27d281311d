// Text in pieces of any size becomes lines of bounded length.

const NEWLINE = 0x0a;

/** What a line ends with: `\n` alone, or also `\r\n`. */
export type LineEnd = 'lf' | 'lf or crlf';

/** Cuts bytes into lines without their ends. Of a longer line only the first `maxBytes` are kept. */
export class Lines {
  readonly #maxBytes: number;
  readonly #lineEnd: LineEnd;
  #rest: Buffer[] = [];
  #restBytes = 0;
  #restIsCut = false;
  /** Whether the first of the lines that were read last was longer than that. No other one can have been. */
  firstIsCut = false;

  constructor(maxBytes: number, lineEnd: LineEnd) {
    this.#maxBytes = maxBytes;
    this.#lineEnd = lineEnd;
  }

  /** The lines that this piece completes. */
  read(piece: Buffer): string[] {
    const end = piece.lastIndexOf(NEWLINE);
    if (end === -1) {
      this.#keep(piece);
      return [];
    }
    const first = this.#rest.length > 0 ? piece.indexOf(NEWLINE) : 0;
    if (first > 0) this.#keep(piece.subarray(0, first));
    const lines = this.#complete(piece.subarray(first, end));
    if (end + 1 < piece.length) this.#keep(piece.subarray(end + 1));
    return lines;
  }

  /** Passes over the lines that this piece completes, and says how many they are. */
  skip(piece: Buffer): number {
    const end = piece.lastIndexOf(NEWLINE);
    if (end !== -1) this.#forget();
    if (end + 1 < piece.length) this.#keep(piece.subarray(end + 1));
    return countNewlines(piece);
  }

  /** The last line, where it has no end. */
  end(): string[] {
    return this.#rest.length === 0 ? [] : this.#complete(Buffer.alloc(0));
  }

  /** What is held and what follows it, which is whole lines but for the last line's end. */
  #complete(piece: Buffer): string[] {
    const whole = this.#rest.length === 0 ? piece : Buffer.concat([...this.#rest, piece]);
    this.firstIsCut = this.#restIsCut;
    this.#forget();
    // Whole lines hold whole characters: no character is torn apart by decoding them together.
    const text = whole.toString('utf8');
    const lines = text.split('\n');
    if (this.#lineEnd === 'lf' || !text.includes('\r')) return lines;
    return lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
  }

  #forget(): void {
    this.#rest = [];
    this.#restBytes = 0;
    this.#restIsCut = false;
  }

  #keep(piece: Buffer): void {
    const room = this.#maxBytes - this.#restBytes;
    if (piece.length <= room) {
      this.#rest.push(piece);
      this.#restBytes += piece.length;
      return;
    }
    this.#restIsCut = true;
    if (room <= 0) return;
    this.#rest.push(piece.subarray(0, characterBorder(piece, room)));
    this.#restBytes = this.#maxBytes;
  }
}

/** How many bytes of a line must be kept to show that it is longer than so many code units: each takes at most three in UTF-8. */
export function bytesToShow(longest: number): number {
  return 3 * (longest + 2);
}

/** How many newlines there are. */
export function countNewlines(piece: Buffer): number {
  let count = 0;
  for (let at = piece.indexOf(NEWLINE); at !== -1; at = piece.indexOf(NEWLINE, at + 1)) count += 1;
  return count;
}

/** A text of at most so many UTF-16 code units, which ends where a character does. */
export function cut(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const isTorn = /[\uD800-\uDBFF]/.test(text.charAt(longest - 1)) && /[\uDC00-\uDFFF]/.test(text.charAt(longest));
  return text.slice(0, isTorn ? longest - 1 : longest);
}

/** At most `end`: before the character that would be torn apart there. UTF-8 marks all bytes of one but the first by 10xxxxxx. */
function characterBorder(bytes: Buffer, end: number): number {
  const isInner = (at: number) => ((bytes[at] ?? 0) & 0xc0) === 0x80;
  let border = end;
  while (border > 0 && end - border < 3 && isInner(border)) border -= 1;
  return isInner(border) ? end : border;
}
