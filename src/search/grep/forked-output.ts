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
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  #last: Buffer = Buffer.alloc(0);

  constructor(endMarker: string, maxBytes: number) {
    this.#endMarker = Buffer.from(`\0${endMarker} `);
    this.#maxBytes = maxBytes;
  }

  /** Returns the exit status if this is the last chunk. */
  add(chunk: Buffer): number | undefined {
    const endBytes = this.#endMarker.length + STATUS_BYTES;
    // The end may arrive in several chunks.
    this.#last =
      chunk.length >= endBytes ? chunk.subarray(-endBytes) : Buffer.concat([this.#last, chunk]).subarray(-endBytes);
    if (this.#bytes < this.#maxBytes + endBytes) this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#last.indexOf(this.#endMarker) !== 0) return undefined;
    return Number(this.#last.subarray(this.#endMarker.length));
  }

  /** Must be called after `add` has returned a status. */
  end(): Pick<ForkedResult, 'stdout' | 'isComplete'> {
    const bytes = this.#bytes - this.#last.length;
    const output = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
    return { stdout: output.subarray(0, Math.min(bytes, this.#maxBytes)), isComplete: bytes <= this.#maxBytes };
  }
}
