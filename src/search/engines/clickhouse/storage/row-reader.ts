// The rows of texts on their way out of the cluster: RowBinary (https://clickhouse.com/docs/interfaces/formats/RowBinary), which takes any bytes.

/** A line as the cluster has it. */
export interface Row {
  /** Its number in the dictionary, counted from 1 over all files. */
  line: number;
  /** Twice the number of its quote in the dictionary, counted from 1; one more for a line that stands behind that quote and is no part of any. */
  quote: number;
  text: Buffer;
  /** Whether the text is not all of the line. */
  isCut: boolean;
}

/** What the cluster sends, in pieces that end anywhere. */
class Pieces {
  #pieces: Buffer[] = [];
  #bytes = 0;
  /** How many must be there before the next row can be whole. */
  #needed = 1;

  get isEmpty(): boolean {
    return this.#bytes === 0;
  }

  /** All that is there, where that may be a row. A long line comes in many pieces, which are put together once. */
  add(piece: Buffer): Buffer | undefined {
    this.#pieces.push(piece);
    this.#bytes += piece.length;
    if (this.#bytes < this.#needed) return undefined;
    return this.#pieces.length === 1 ? piece : Buffer.concat(this.#pieces);
  }

  /** What is left begins with a row that is not whole, but for so many bytes. */
  keep(rest: Buffer, needed: number): void {
    this.#pieces = rest.length > 0 ? [rest] : [];
    this.#bytes = rest.length;
    this.#needed = needed;
  }
}

/** Where a text begins and ends. */
const place = { start: 0, end: 0 };

/** Reads the length of a text, and so where it is. False where there is not all of the length: LEB128, seven bits a byte, the lowest first; the last byte is below 128. */
function findText(bytes: Buffer, at: number): boolean {
  const first = bytes[at] as number;
  if (first < 128) {
    place.start = at + 1;
    place.end = at + 1 + first;
    return true;
  }
  let length = 0;
  let shift = 1;
  for (let end = at; end < bytes.length; end += 1) {
    const byte = bytes[end] as number;
    length += (byte & 0x7f) * shift;
    shift *= 128;
    if (byte >= 128) continue;
    place.start = end + 1;
    place.end = end + 1 + length;
    return true;
  }
  return false;
}

/** Cuts what the cluster sends into rows, of the columns `line, quote, isCut, text`. */
export class RowReader {
  readonly #pieces = new Pieces();

  /** Whether all that was sent was whole rows. */
  get isEmpty(): boolean {
    return this.#pieces.isEmpty;
  }

  /** The rows that this piece completes. Their texts share its memory. */
  read(piece: Buffer): Row[] {
    const bytes = this.#pieces.add(piece);
    const rows: Row[] = [];
    if (bytes === undefined) return rows;
    let at = 0;
    let needed = 1;
    while (findText(bytes, at + FLAGS_END)) {
      const { start, end } = place;
      needed = end - at;
      if (end > bytes.length) break;
      rows.push({
        line: readUInt64(bytes, at),
        quote: readUInt64(bytes, at + 8),
        isCut: bytes[at + 16] === 1,
        text: bytes.subarray(start, end),
      });
      at = end;
      needed = 1;
    }
    this.#pieces.keep(bytes.subarray(at), needed);
    return rows;
  }
}

/** Lines for a program to read, and what is known of each. */
export interface Block {
  /** The texts, each with a newline. */
  text: Buffer;
  lines: number[];
  quotes: number[];
}

/** The same for who needs no row by itself: a line takes a tenth of the time. */
export class BlockReader {
  readonly #pieces = new Pieces();

  get isEmpty(): boolean {
    return this.#pieces.isEmpty;
  }

  /** The lines that this piece completes. The piece is written over. */
  read(piece: Buffer): Block {
    const bytes = this.#pieces.add(piece);
    const block: Block = { text: NO_BYTES, lines: [], quotes: [] };
    if (bytes === undefined) return block;
    let at = 0;
    let to = 0;
    let needed = 1;
    while (findText(bytes, at + FLAGS_END)) {
      const { start, end } = place;
      needed = end - at;
      if (end > bytes.length) break;
      block.lines.push(readUInt64(bytes, at));
      block.quotes.push(readUInt64(bytes, at + 8));
      // What stands before a text is longer than a newline: nothing is written over that was not read.
      if (end - start > SHORT) {
        bytes.copyWithin(to, start, end);
        to += end - start;
      } else {
        for (let from = start; from < end; from += 1) {
          bytes[to] = bytes[from] as number;
          to += 1;
        }
      }
      bytes[to] = NEWLINE;
      to += 1;
      at = end;
      needed = 1;
    }
    block.text = bytes.subarray(0, to);
    this.#pieces.keep(bytes.subarray(at), needed);
    return block;
  }
}

/** The same where nothing but texts is sent: lines that stand in a row. */
export class TextReader {
  readonly #pieces = new Pieces();

  get isEmpty(): boolean {
    return this.#pieces.isEmpty;
  }

  /** The lines that this piece completes, each with a newline, and how many they are. The piece is written over. */
  read(piece: Buffer): { texts: Buffer[]; count: number } {
    const bytes = this.#pieces.add(piece);
    const texts: Buffer[] = [];
    let count = 0;
    if (bytes === undefined) return { texts, count };
    let at = 0;
    let from = -1;
    let needed = 1;
    while (findText(bytes, at)) {
      const { start, end } = place;
      needed = end - at;
      if (end > bytes.length) break;
      // The newline of the line before takes the place of what tells the length of this one.
      if (from !== -1) bytes[at] = NEWLINE;
      if (from === -1) from = start;
      else if (start > at + 1) {
        texts.push(bytes.subarray(from, at + 1));
        from = start;
      }
      count += 1;
      at = end;
      needed = 1;
    }
    if (from !== -1) texts.push(bytes.subarray(from, at), NEWLINES);
    this.#pieces.keep(bytes.subarray(at), needed);
    return { texts, count };
  }
}

const NO_BYTES = Buffer.alloc(0);
const NEWLINE = 0x0a;
const NEWLINES = Buffer.from('\n');
/** Up to here copying byte by byte takes less time than a call. */
const SHORT = 48;

/** Two numbers and a flag stand before the text. */
const FLAGS_END = 17;

function readUInt64(buffer: Buffer, at: number): number {
  return buffer.readUInt32LE(at) + buffer.readUInt32LE(at + 4) * 2 ** 32;
}
