// One request and its response, with the limits that end them early.
import { ConnectionError, TimeoutError } from './errors.js';
import type { CallOptions, Settings } from './options.js';

/** A request as grepd takes it. */
export interface ApiRequest {
  /** Relative to the base URL. */
  path: string;
  accept: string;
  /** The body as JSON text. Without one, the method is GET. */
  body?: string | undefined;
}

/** Rejects with the reason of the caller's signal once that aborts. Callers must `close` it. */
export class Exchange {
  readonly #settings: Settings;
  readonly #caller: AbortSignal | undefined;
  readonly #controller = new AbortController();
  readonly #abort = () => this.#controller.abort(this.#caller?.reason);

  constructor(settings: Settings, { signal }: CallOptions) {
    this.#settings = settings;
    this.#caller = signal;
    signal?.throwIfAborted();
    signal?.addEventListener('abort', this.#abort);
  }

  send({ path, accept, body }: ApiRequest): Promise<Response> {
    const { base, headers, fetch } = this.#settings;
    const url = base + path;
    const type = body === undefined ? undefined : { 'Content-Type': 'application/json' };
    const init: RequestInit = {
      headers: { Accept: accept, ...type, ...headers },
      // A redirect would turn a POST into a GET, or send the terms to another server.
      redirect: 'manual',
      signal: this.#controller.signal,
      ...(body !== undefined && { method: 'POST', body }),
    };
    return this.wait(() => fetch(url, init), `Can't reach ${url}`);
  }

  /** Awaits a part of the response. Throws a `TimeoutError` or a `ConnectionError` if it fails. */
  async wait<Part>(receive: () => Promise<Part>, failure = 'The answer broke off'): Promise<Part> {
    const { timeoutMs } = this.#settings;
    const expire = () => this.#controller.abort(new TimeoutError(`The server sent nothing for ${timeoutMs} ms.`));
    const timer = timeoutMs === 0 ? undefined : setTimeout(expire, timeoutMs);
    try {
      return await receive();
    } catch (error) {
      this.#caller?.throwIfAborted();
      if (this.#controller.signal.aborted) throw this.#controller.signal.reason;
      throw new ConnectionError(`${failure}: ${reasonOf(error)}`, { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }

  /** Yields the parts of a body. Each has its own time limit. */
  async *receive({ body }: Response): AsyncGenerator<Uint8Array, void, void> {
    const reader = body?.getReader();
    if (reader === undefined) return;
    for (;;) {
      const { done, value } = await this.wait(() => reader.read());
      if (done) return;
      yield value;
    }
  }

  /** Reads a whole body as text, however long it takes if parts keep arriving. */
  async receiveText(response: Response): Promise<string> {
    const decoder = new TextDecoder();
    const parts: string[] = [];
    for await (const part of this.receive(response)) parts.push(decoder.decode(part, { stream: true }));
    return [...parts, decoder.decode()].join('');
  }

  /** Ends the request unless its response is complete, so that the server stops the search. */
  close(): void {
    this.#caller?.removeEventListener('abort', this.#abort);
    this.#controller.abort();
  }
}

/** Returns the message of the innermost cause: the error itself is just "fetch failed" in Node. */
function reasonOf(error: unknown): string {
  const { message, code, cause } = error as { message?: string; code?: string; cause?: unknown };
  if (cause instanceof Error) return reasonOf(cause);
  return message || code || String(error);
}
