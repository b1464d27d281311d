// What a fork server prints about one run of grep.

export interface Forked {
  /** grep's exit status. */
  status: number;
  printed: Buffer;
  /** Whether that is all. */
  isWhole: boolean;
}

/** What a run prints: its own output, and last the end. */
export class ForkedOutput {
  readonly #begin: Buffer;
  readonly #maxBytes: number;
  readonly #pieces: Buffer[] = [];
  #bytes = 0;
  #last: Buffer = Buffer.alloc(0);

  constructor(end: string, maxBytes: number) {
    this.#begin = Buffer.from(`\0${end} `);
    this.#maxBytes = maxBytes;
  }

  /** The exit status, if this piece is the last one. */
  add(piece: Buffer): number | undefined {
    const endBytes = this.#begin.length + STATUS_BYTES;
    // It may come in two pieces.
    this.#last =
      piece.length >= endBytes ? piece.subarray(-endBytes) : Buffer.concat([this.#last, piece]).subarray(-endBytes);
    if (this.#bytes < this.#maxBytes + endBytes) this.#pieces.push(piece);
    this.#bytes += piece.length;
    return this.#last.indexOf(this.#begin) === 0 ? Number(this.#last.subarray(this.#begin.length)) : undefined;
  }

  end(): Pick<Forked, 'printed' | 'isWhole'> {
    const bytes = this.#bytes - this.#last.length;
    const printed = this.#pieces.length === 1 ? (this.#pieces[0] as Buffer) : Buffer.concat(this.#pieces);
    return { printed: printed.subarray(0, Math.min(bytes, this.#maxBytes)), isWhole: bytes <= this.#maxBytes };
  }
}

const STATUS_BYTES = 4;
