// Writes to a pipe or terminal at the speed of its reader, which may exit before the end.
import type { Writable } from 'node:stream';

/** Writing each line on its own into a pipe would be slow. */
const BATCH_LENGTH = 64 * 1024;

export type OutputStream = Writable & { isTTY?: boolean };

export class Output {
  readonly #stream: OutputStream;
  readonly #batchLength: number;
  #buffer = '';
  #error: NodeJS.ErrnoException | undefined;
  readonly #left = new AbortController();

  constructor(stream: OutputStream) {
    this.#stream = stream;
    // As with grep, a person sees a line as soon as it's found.
    this.#batchLength = stream.isTTY === true ? 0 : BATCH_LENGTH;
    stream.on('error', (error) => {
      this.#error ??= error;
      this.#left.abort(error);
    });
  }

  /** Aborts when the output fails, most likely because its reader has exited. */
  get signal(): AbortSignal {
    return this.#left.signal;
  }

  get hasReaderExited(): boolean {
    return this.#error?.code === 'EPIPE';
  }

  async write(text: string): Promise<void> {
    this.#buffer += text;
    if (this.#buffer.length >= this.#batchLength) await this.flush();
  }

  async flush(): Promise<void> {
    const text = this.#buffer;
    this.#buffer = '';
    if (text === '') return;
    // A failed write calls back before the stream emits the error.
    const error = await new Promise<NodeJS.ErrnoException | null | undefined>((done) => this.#stream.write(text, done));
    if (!error) return;
    this.#error ??= error;
    throw error;
  }
}
