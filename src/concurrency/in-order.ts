// Runs several sources at once, and yields what they yield as if they ran one after the other.

/** Starts a source. Its signal aborts when the results are no longer needed. */
export type Start = (signal: AbortSignal) => AsyncGenerator<Buffer, void, void>;

export interface SourcedChunk {
  chunk: Buffer;
  /** The index of its source. */
  source: number;
}

/**
 * Yields the chunks of all sources, in the order of the sources. The first runs as its chunks are
 * read. Meanwhile the next ones run ahead, each until it has buffered `maxBytes`.
 *
 * @param width how many run at once
 */
export async function* inOrder(
  starts: readonly Start[],
  { width, maxBytes }: { width: number; maxBytes: number },
): AsyncGenerator<SourcedChunk, void, void> {
  const stop = new AbortController();
  const waiting = [...starts];
  const running: ReadAhead[] = [];
  const startNext = () => {
    const start = waiting.shift();
    if (start !== undefined) running.push(new ReadAhead(start(stop.signal), maxBytes));
  };
  try {
    while (running.length < width && waiting.length > 0) startNext();
    for (let [first, source] = [running[0], 0]; first !== undefined; first = running[0], source += 1) {
      for await (const chunk of first.read()) yield { chunk, source };
      running.shift();
      startNext();
    }
  } finally {
    stop.abort();
    await Promise.all(running.map((source) => source.stop()));
  }
}

class ReadAhead {
  readonly #maxBytes: number;
  readonly #chunks: Buffer[] = [];
  readonly #filled: Promise<void>;
  #bytes = 0;
  #isStopped = false;
  #outcome: { error?: unknown } | undefined;
  /** Wakes the side that waits: the reader for a chunk, or the source for room. */
  #wake = () => {};

  constructor(source: AsyncGenerator<Buffer, void, void>, maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#filled = this.#fill(source).then(
      () => this.#end({}),
      (error) => this.#end({ error }),
    );
  }

  async *read(): AsyncGenerator<Buffer, void, void> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) {
        this.#bytes -= chunk.length;
        this.#wake();
        yield chunk;
      } else if (this.#outcome === undefined) await this.#change();
      else if ('error' in this.#outcome) throw this.#outcome.error;
      else return;
    }
  }

  /** Resolves when the source has ended. Its errors are no longer of interest. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#wake();
    await this.#filled;
  }

  async #fill(source: AsyncGenerator<Buffer, void, void>): Promise<void> {
    for await (const chunk of source) {
      this.#chunks.push(chunk);
      this.#bytes += chunk.length;
      this.#wake();
      while (this.#bytes >= this.#maxBytes && !this.#isStopped) await this.#change();
      if (this.#isStopped) return;
    }
  }

  #end(outcome: { error?: unknown }): void {
    this.#outcome = outcome;
    this.#wake();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
