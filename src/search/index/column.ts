// Collects the rows of one column while its text is scanned.
import { announcedLength, FOLDED_ASCII, foldedCharacterAt } from '../pattern/folded-bytes.js';
import { GRAM_BYTES, ROWS, rowOf } from './rows.js';

const NEWLINE = 0x0a;

export class Column {
  readonly #bits = new Uint32Array(ROWS / 32);
  readonly #rows = new Uint16Array(ROWS);
  #count = 0;
  /** The last three folded bytes. */
  #gram = 0;
  /** How many folded bytes the line has so far. */
  #length = 0;

  /** The number of its rows. */
  get count(): number {
    return this.#count;
  }

  /** Adds text up to and including the next line end. Returns the offset after what was added. */
  addLine(text: Uint8Array, from: number, to: number, isLast: boolean): number {
    const bits = this.#bits;
    let gram = this.#gram;
    let length = this.#length;
    let count = this.#count;
    let at = from;
    while (at < to) {
      const byte = FOLDED_ASCII[text[at] as number] as number;
      if (byte === NEWLINE) {
        gram = 0;
        length = 0;
        at += 1;
        break;
      }
      if (byte >= 0x80) {
        const announced = announcedLength(byte);
        if (at + announced > to && !isLast) break;
        this.#gram = gram;
        this.#length = length;
        this.#count = count;
        const codePoint = announced === 1 ? undefined : foldedCharacterAt(text, at, to);
        if (codePoint === undefined) this.#add(byte);
        else this.#addCharacter(codePoint);
        gram = this.#gram;
        length = this.#length;
        count = this.#count;
        at += codePoint === undefined ? 1 : announced;
        continue;
      }
      gram = ((gram << 8) | byte) & 0xffffff;
      at += 1;
      length += 1;
      if (length < GRAM_BYTES) continue;
      const row = rowOf(gram);
      const word = bits[row >>> 5] as number;
      const bit = 1 << (row & 31);
      if ((word & bit) !== 0) continue;
      bits[row >>> 5] = word | bit;
      this.#rows[count] = row;
      count += 1;
    }
    this.#gram = gram;
    this.#length = length;
    this.#count = count;
    return at;
  }

  /** Returns its rows, and starts over. The result is valid until the next call of `addLine`. */
  takeRows(): Uint16Array {
    const rows = this.#rows.subarray(0, this.#count);
    for (let at = 0; at < rows.length; at += 1) this.#bits[(rows[at] as number) >>> 5] = 0;
    this.#count = 0;
    this.endLine();
    return rows;
  }

  /** No trigram contains bytes from before and after this. */
  endLine(): void {
    this.#gram = 0;
    this.#length = 0;
  }

  /** Adds a character by its bytes in UTF-8. */
  #addCharacter(codePoint: number): void {
    if (codePoint < 0x80) {
      this.#add(codePoint);
      return;
    }
    if (codePoint < 0x800) this.#add(0xc0 | (codePoint >> 6));
    else {
      if (codePoint < 0x10000) this.#add(0xe0 | (codePoint >> 12));
      else {
        this.#add(0xf0 | (codePoint >> 18));
        this.#add(0x80 | ((codePoint >> 12) & 0x3f));
      }
      this.#add(0x80 | ((codePoint >> 6) & 0x3f));
    }
    this.#add(0x80 | (codePoint & 0x3f));
  }

  #add(byte: number): void {
    this.#gram = ((this.#gram << 8) | byte) & 0xffffff;
    this.#length += 1;
    if (this.#length < GRAM_BYTES) return;
    const row = rowOf(this.#gram);
    const word = this.#bits[row >>> 5] as number;
    const bit = 1 << (row & 31);
    if ((word & bit) !== 0) return;
    this.#bits[row >>> 5] = word | bit;
    this.#rows[this.#count] = row;
    this.#count += 1;
  }
}
