// Reads a JSON array of numbers as it comes, byte by byte, and adds the numbers up: neither its text nor its numbers are ever held whole.
// JSON.parse would need all of the text, lose what an integer has beyond 2^53, and take longer.
import { ExactSum } from './exact-sum.js';
import { NumbersFailed } from './numbers-source.js';

/** What may come next, but for white space. */
type Expected = 'the array' | 'a number or its end' | 'a number' | 'a comma or its end' | 'nothing';

const COMMA = 0x2c;
const OPEN = 0x5b;
const CLOSE = 0x5d;
const MINUS = 0x2d;
const ZERO = 0x30;

/** No number is longer: it would be held whole. */
const MAX_NUMBER_BYTES = 10_000;
/** Longer integers may not be doubles. */
const SMALL_DIGITS = 15;

export class NumberArray {
  readonly #sum = new ExactSum();
  #expected: Expected = 'the array';
  /** How many numbers have been added. */
  #length = 0;
  /** The beginning of a number that the next piece continues. */
  #begun = Buffer.alloc(0);

  /** Throws NumbersFailed where this is no array of numbers. */
  read(piece: Uint8Array): void {
    const bytes =
      this.#begun.length === 0
        ? Buffer.from(piece.buffer, piece.byteOffset, piece.length)
        : Buffer.concat([this.#begun, piece]);
    this.#begun = Buffer.alloc(0);
    let at = 0;
    while (at < bytes.length) {
      const byte = bytes[at] as number;
      if (isSpace(byte)) at += 1;
      else if (byte === MINUS || isDigit(byte)) at = this.#readNumber(bytes, at);
      else {
        this.#readMark(byte, bytes, at);
        at += 1;
      }
    }
  }

  /** The sum. Throws NumbersFailed where the array has no end. */
  end(): string {
    if (this.#begun.length > 0 || this.#expected !== 'nothing') {
      if (this.#expected === 'the array') throw new NumbersFailed('The answer of the numbers API is empty.');
      throw new NumbersFailed(
        `The answer of the numbers API is cut off: its array has no end after ${this.#length} numbers.`,
      );
    }
    return this.#sum.toString();
  }

  /** Adds the number that begins here; returns where it ends. */
  #readNumber(bytes: Buffer, begin: number): number {
    if (this.#expected !== 'a number' && this.#expected !== 'a number or its end') this.#refuse(bytes, begin);
    const isNegative = bytes[begin] === MINUS;
    const first = isNegative ? begin + 1 : begin;
    let value = 0;
    let at = first;
    let byte = bytes[at] as number;
    while (isDigit(byte)) {
      value = value * 10 + (byte - ZERO);
      at += 1;
      byte = bytes[at] as number;
    }
    const digits = at - first;
    const isPlain = (byte === COMMA || byte === CLOSE) && digits > 0 && digits <= SMALL_DIGITS;
    if (isPlain && (bytes[first] !== ZERO || digits === 1)) {
      this.#sum.addSmall(isNegative ? -value : value);
    } else {
      while (at < bytes.length && isPartOfNumber(bytes[at] as number)) at += 1;
      if (at - begin > MAX_NUMBER_BYTES) {
        throw new NumbersFailed(
          `Element ${this.#length} of the numbers API's array has more than ${MAX_NUMBER_BYTES} digits.`,
        );
      }
      if (at === bytes.length) {
        // A copy: the piece is not ours to keep.
        this.#begun = Buffer.from(bytes.subarray(begin));
        return at;
      }
      if (!this.#sum.add(bytes.toString('latin1', begin, at))) this.#refuse(bytes, begin);
    }
    this.#length += 1;
    this.#expected = 'a comma or its end';
    return at;
  }

  #readMark(mark: number, bytes: Buffer, at: number): void {
    if (mark === COMMA && this.#expected === 'a comma or its end') this.#expected = 'a number';
    else if (mark === OPEN && this.#expected === 'the array') this.#expected = 'a number or its end';
    else if (mark === CLOSE && (this.#expected === 'a comma or its end' || this.#expected === 'a number or its end')) {
      this.#expected = 'nothing';
    } else this.#refuse(bytes, at);
  }

  #refuse(bytes: Buffer, at: number): never {
    const must = 'The answer of the numbers API must be a JSON array of numbers';
    const got = `got ${quote(bytes.subarray(at))}`;
    switch (this.#expected) {
      case 'the array':
        throw new NumbersFailed(`${must}, ${got}.`);
      case 'a number or its end':
      case 'a number':
        throw new NumbersFailed(`${must}; element ${this.#length} is none: ${got}.`);
      case 'a comma or its end':
        throw new NumbersFailed(`${must}; behind element ${this.#length - 1} must be a comma or the end, ${got}.`);
      case 'nothing':
        throw new NumbersFailed(`${must}, and nothing behind it, ${got}.`);
    }
  }
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= 0x39;
}

/** RFC 8259, section 2. */
function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** `0` to `9`, `+`, `-`, `.`, `e`, `E`. */
function isPartOfNumber(byte: number): boolean {
  return isDigit(byte) || byte === 0x2b || byte === MINUS || byte === 0x2e || byte === 0x65 || byte === 0x45;
}

const SHOWN_LENGTH = 40;

/** The beginning of what was not expected: as much of it as has come. */
function quote(bytes: Buffer): string {
  const text = bytes.subarray(0, 4 * SHOWN_LENGTH).toString();
  return JSON.stringify(text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text);
}
