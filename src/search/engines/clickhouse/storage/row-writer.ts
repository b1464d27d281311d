// The rows of texts on their way into the cluster: RowBinary (https://clickhouse.com/docs/interfaces/formats/RowBinary), which takes any bytes.

/** Bytes of a row on top of its text: three numbers of 8 and the text's length, of 5 at most. */
const ROW_HEAD_BYTES = 29;

/** Collects the rows of a load for an insert, in the order `generation, line, quote, text`. */
export class RowWriter {
  readonly #generation: number;
  #buffer = Buffer.allocUnsafe(1024 * 1024);
  bytes = 0;
  rows = 0;

  constructor(generation: number) {
    this.#generation = generation;
  }

  add(line: number, quote: number, text: Buffer): void {
    this.#makeRoom(ROW_HEAD_BYTES + text.length);
    this.bytes = writeUInt64(this.#buffer, this.#generation, this.bytes);
    this.bytes = writeUInt64(this.#buffer, line, this.bytes);
    this.bytes = writeUInt64(this.#buffer, quote, this.bytes);
    this.bytes = writeLength(this.#buffer, text.length, this.bytes);
    this.bytes += text.copy(this.#buffer, this.bytes);
    this.rows += 1;
  }

  /** What was collected. */
  take(): Buffer {
    const taken = this.#buffer.subarray(0, this.bytes);
    this.#buffer = Buffer.allocUnsafe(1024 * 1024);
    this.bytes = 0;
    this.rows = 0;
    return taken;
  }

  #makeRoom(bytes: number): void {
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

function writeLength(buffer: Buffer, length: number, at: number): number {
  let rest = length;
  let to = at;
  while (rest >= 128) {
    buffer[to] = (rest % 128) + 128;
    rest = Math.floor(rest / 128);
    to += 1;
  }
  buffer[to] = rest;
  return to + 1;
}
