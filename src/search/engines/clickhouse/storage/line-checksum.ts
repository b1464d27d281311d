// A checksum over lines that a loader and the cluster compute independently: see `CHECKSUM`.
import { crc32 } from 'node:zlib';

/** A line adds its CRC-32 times a weight from its number, so the order of lines matters. */
export const WEIGHT_MODULUS = 1_048_573;

/** Sums below this are exact in doubles. Above it, they are carried over into 64 bits. */
const MAX_PARTIAL_SUM = 2 ** 52;
const UINT64_MODULUS = 1n << 64n;

export interface LineTotals {
  lines: number;
  /** The size of the texts, without line ends. */
  bytes: number;
  /** Modulo 2^64, in decimal. */
  checksum: string;
}

export class LineChecksum {
  #sum = 0n;
  /** Partial sums over the lower and the upper 16 bits of each CRC. */
  #low = 0;
  #high = 0;
  #lines = 0;
  #bytes = 0;

  add(line: number, text: Buffer): void {
    const crc = crc32(text);
    const weight = (line % WEIGHT_MODULUS) + 1;
    this.#low += (crc & 0xffff) * weight;
    this.#high += (crc >>> 16) * weight;
    this.#lines += 1;
    this.#bytes += text.length;
    if (this.#low > MAX_PARTIAL_SUM || this.#high > MAX_PARTIAL_SUM) this.#carry();
  }

  get lines(): number {
    return this.#lines;
  }

  get totals(): LineTotals {
    this.#carry();
    return { lines: this.#lines, bytes: this.#bytes, checksum: String(this.#sum) };
  }

  #carry(): void {
    this.#sum = (this.#sum + BigInt(this.#low) + (BigInt(this.#high) << 16n)) % UINT64_MODULUS;
    this.#low = 0;
    this.#high = 0;
  }
}
