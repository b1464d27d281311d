// Renders lines in ClickHouse's RowBinary format, which carries any bytes:
// https://clickhouse.com/docs/interfaces/formats/RowBinary

/** The size of a row apart from its text: three UInt64, and a length of at most five bytes. */
const ROW_OVERHEAD_BYTES = 29;
const INITIAL_BUFFER_BYTES = 1024 * 1024;

/** Collects rows with the columns `generation, line, quote, text`. */
export class RowWriter {
  readonly #generation: number;
  #buffer = Buffer.allocUnsafe(INITIAL_BUFFER_BYTES);
  bytes = 0;
  rows = 0;

  constructor(generation: number) {
    this.#generation = generation;
  }

  add(line: number, quoteColumn: number, text: Buffer): void {
    this.#reserve(ROW_OVERHEAD_BYTES + text.length);
    this.bytes = writeUInt64(this.#buffer, this.#generation, this.bytes);
    this.bytes = writeUInt64(this.#buffer, line, this.bytes);
    this.bytes = writeUInt64(this.#buffer, quoteColumn, this.bytes);
    this.bytes = writeLength(this.#buffer, text.length, this.bytes);
    this.bytes += text.copy(this.#buffer, this.bytes);
    this.rows += 1;
  }

  /** Returns and removes the collected rows. */
  take(): Buffer {
    const taken = this.#buffer.subarray(0, this.bytes);
    this.#buffer = Buffer.allocUnsafe(INITIAL_BUFFER_BYTES);
    this.bytes = 0;
    this.rows = 0;
    return taken;
  }

  #reserve(bytes: number): void {
    if (this.bytes + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(2 * this.#buffer.length, this.bytes + bytes));
    this.#buffer.copy(larger, 0, 0, this.bytes);
    this.#buffer = larger;
  }
}

function writeUInt64(buffer: Buffer, value: number, at: number): number {
  buffer.writeUInt32LE(value % 2 ** 32, at);
  return buffer.writeUInt32LE(Math.floor(value / 2 ** 32), at + 4);
}

/** Writes a LEB128, and returns the index after it. */
function writeLength(buffer: Buffer, length: number, at: number): number {
  let remaining = length;
  let index = at;
  while (remaining >= 128) {
    buffer[index] = (remaining % 128) + 128;
    remaining = Math.floor(remaining / 128);
    index += 1;
  }
  buffer[index] = remaining;
  return index + 1;
}
