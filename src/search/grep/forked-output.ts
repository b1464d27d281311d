// Parses the output of a fork server.

/** The result of one grep. */
export interface ForkedResult {
  status: number;
  stdout: Buffer;
  /** Whether `stdout` is complete, not truncated to `maxBytes`. */
  isComplete: boolean;
}

const STATUS_BYTES = 4;

/** Collects grep's output up to the end marker, which the exit status follows. */
export class ForkedOutput {
  readonly #endMarker: Buffer;
  readonly #maxBytes: number;
  readonly #pieces: Buffer[] = [];
  #bytes = 0;
  #last: Buffer = Buffer.alloc(0);

  constructor(endMarker: string, maxBytes: number) {
    this.#endMarker = Buffer.from(`\0${endMarker} `);
    this.#maxBytes = maxBytes;
  }

  /** Returns the exit status if this is the last piece. */
  add(piece: Buffer): number | undefined {
    const endBytes = this.#endMarker.length + STATUS_BYTES;
    // The end may arrive in several pieces.
    this.#last =
      piece.length >= endBytes ? piece.subarray(-endBytes) : Buffer.concat([this.#last, piece]).subarray(-endBytes);
    if (this.#bytes < this.#maxBytes + endBytes) this.#pieces.push(piece);
    this.#bytes += piece.length;
    if (this.#last.indexOf(this.#endMarker) !== 0) return undefined;
    return Number(this.#last.subarray(this.#endMarker.length));
  }

  /** Must be called after `add` has returned a status. */
  end(): Pick<ForkedResult, 'stdout' | 'isComplete'> {
    const bytes = this.#bytes - this.#last.length;
    const output = this.#pieces.length === 1 ? (this.#pieces[0] as Buffer) : Buffer.concat(this.#pieces);
    return { stdout: output.subarray(0, Math.min(bytes, this.#maxBytes)), isComplete: bytes <= this.#maxBytes };
  }
}
