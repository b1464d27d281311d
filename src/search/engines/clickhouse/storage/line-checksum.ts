// A checksum of lines that both the reader of a file and the cluster work out, each by itself: see `CHECKSUM`.
import { crc32 } from 'node:zlib';

/** Of a line its CRC-32 counts, and where it stands. */
export const PLACES = 1_048_573;

/** Sums are kept exact in doubles up to here, and then added up in 64 bits. */
const MAX_EXACT = 2 ** 52;
const UINT64 = 1n << 64n;

export class LineChecksum {
  #sum = 0n;
  /** Of the low and the high 16 bits of the CRCs. */
  #low = 0;
  #high = 0;
  lines = 0;
  /** Of the texts. */
  bytes = 0;

  add(line: number, text: Buffer): void {
    const crc = crc32(text);
    const place = (line % PLACES) + 1;
    this.#low += (crc & 0xffff) * place;
    this.#high += (crc >>> 16) * place;
    this.lines += 1;
    this.bytes += text.length;
    if (this.#low > MAX_EXACT || this.#high > MAX_EXACT) this.#carry();
  }

  /** Modulo 2^64, in decimal. */
  get sum(): string {
    this.#carry();
    return String(this.#sum);
  }

  #carry(): void {
    this.#sum = (this.#sum + BigInt(this.#low) + (BigInt(this.#high) << 16n)) % UINT64;
    this.#low = 0;
    this.#high = 0;
  }
}
