// An incremental parser of a JSON array of numbers that adds them up, in constant memory. Unlike
// JSON.parse, it keeps integers beyond 2^53 exact, and it is faster.
import { ExactSum } from './exact-sum.js';
import { NumbersError } from './numbers-source.js';

/** The token that may come next, apart from whitespace. */
type Expected = 'array' | 'number or end' | 'number' | 'comma or end' | 'end of text';

const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const MINUS = 0x2d;
const ZERO = 0x30;

/** Bounds the memory of a number that spans chunks. */
const MAX_NUMBER_BYTES = 10_000;
/** Every integer of this many digits is a safe integer. */
const SMALL_INTEGER_DIGITS = 15;

export class NumberArrayParser {
  readonly #sum = new ExactSum();
  #expected: Expected = 'array';
  /** The number of elements so far. */
  #length = 0;
  /** The beginning of a number that may continue in the next chunk. */
  #partial = Buffer.alloc(0);

  /** Parses the next chunk. Throws `NumbersError` if the text isn't an array of numbers. */
  write(chunk: Uint8Array): void {
    const bytes =
      this.#partial.length === 0
        ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
        : Buffer.concat([this.#partial, chunk]);
    this.#partial = Buffer.alloc(0);
    let at = 0;
    while (at < bytes.length) {
      const byte = bytes[at] as number;
      if (isWhitespace(byte)) at += 1;
      else if (byte === MINUS || isDigit(byte)) at = this.#parseNumber(bytes, at);
      else {
        this.#parsePunctuation(byte, bytes, at);
        at += 1;
      }
    }
  }

  /** Returns the sum as JSON. Throws `NumbersError` if the array isn't complete. */
  end(): string {
    if (this.#expected === 'array') throw new NumbersError('The response of the numbers API is empty.');
    if (this.#partial.length > 0 || this.#expected !== 'end of text') {
      throw new NumbersError(
        `The response of the numbers API ends in the middle of its array, after ${this.#length} elements.`,
      );
    }
    return this.#sum.toString();
  }

  /** Adds the number that starts at `start`, and returns the index after it. */
  #parseNumber(bytes: Buffer, start: number): number {
    if (this.#expected !== 'number' && this.#expected !== 'number or end') this.#fail(bytes, start);
    const isNegative = bytes[start] === MINUS;
    const firstDigit = isNegative ? start + 1 : start;
    let value = 0;
    let at = firstDigit;
    let byte = bytes[at] as number;
    while (isDigit(byte)) {
      value = value * 10 + (byte - ZERO);
      at += 1;
      byte = bytes[at] as number;
    }
    const digits = at - firstDigit;
    const isSmallInteger = (byte === COMMA || byte === CLOSE_BRACKET) && digits > 0 && digits <= SMALL_INTEGER_DIGITS;
    if (isSmallInteger && (bytes[firstDigit] !== ZERO || digits === 1)) {
      this.#sum.addSmallInteger(isNegative ? -value : value);
    } else {
      while (at < bytes.length && isNumberByte(bytes[at] as number)) at += 1;
      if (at - start > MAX_NUMBER_BYTES) {
        throw new NumbersError(
          `Element ${this.#length} of the numbers API's array has more than ${MAX_NUMBER_BYTES} digits.`,
        );
      }
      if (at === bytes.length) {
        // A copy, because the caller may reuse the memory of the chunk.
        this.#partial = Buffer.from(bytes.subarray(start));
        return at;
      }
      if (!this.#sum.add(bytes.toString('latin1', start, at))) this.#fail(bytes, start);
    }
    this.#length += 1;
    this.#expected = 'comma or end';
    return at;
  }

  #parsePunctuation(byte: number, bytes: Buffer, at: number): void {
    if (byte === COMMA && this.#expected === 'comma or end') this.#expected = 'number';
    else if (byte === OPEN_BRACKET && this.#expected === 'array') this.#expected = 'number or end';
    else if (byte === CLOSE_BRACKET && (this.#expected === 'comma or end' || this.#expected === 'number or end')) {
      this.#expected = 'end of text';
    } else this.#fail(bytes, at);
  }

  #fail(bytes: Buffer, at: number): never {
    const expected = 'The numbers API must return a JSON array of numbers';
    const actual = quote(bytes.subarray(at));
    switch (this.#expected) {
      case 'array':
        throw new NumbersError(`${expected}, got ${actual}.`);
      case 'number or end':
      case 'number':
        throw new NumbersError(`${expected}, but element ${this.#length} is not a number: ${actual}.`);
      case 'comma or end':
        throw new NumbersError(
          `${expected}, but neither a comma nor "]" follows element ${this.#length - 1}: ${actual}.`,
        );
      case 'end of text':
        throw new NumbersError(`${expected}, but more follows the array: ${actual}.`);
    }
  }
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= 0x39;
}

/** RFC 8259, section 2. */
function isWhitespace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** `0` to `9`, `+`, `-`, `.`, `e`, `E`. */
function isNumberByte(byte: number): boolean {
  return isDigit(byte) || byte === 0x2b || byte === MINUS || byte === 0x2e || byte === 0x65 || byte === 0x45;
}

const MAX_QUOTE_LENGTH = 40;

/** Quotes the beginning of unexpected bytes, as far as they have arrived. */
function quote(bytes: Buffer): string {
  const text = bytes.subarray(0, 4 * MAX_QUOTE_LENGTH).toString();
  return JSON.stringify(text.length > MAX_QUOTE_LENGTH ? `${text.slice(0, MAX_QUOTE_LENGTH)}…` : text);
}
