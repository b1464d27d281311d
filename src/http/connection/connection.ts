// One client connection: its requests run one at a time, and it never stays open for a client that doesn't take part.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { lingeringClose, stopParsing } from './lingering-close.js';

/** How many requests may wait for the one in progress (pipelining, RFC 9112, section 9.3.2). */
export const MAX_PIPELINED_REQUESTS = 100;

/** How much of a body that nobody needs is read so that the connection can be used again. */
const MAX_UNREAD_BYTES = 64 * 1024;

/** How long a half-closed client, which looks like one that has left, is given until its answer begins. */
const HALF_CLOSED_MS = 1_000;

/** The slowest rate at which a client may read what has been written in one piece. */
const MIN_BYTES_PER_SECOND = 50_000;

export interface ConnectionLimits {
  /** How long a client may read nothing of an answer. */
  sendTimeoutMs: number;
  /** How long a client may go on sending when the connection is being closed. */
  lingerMs: number;
}

/** A request that waits for the one in progress. */
interface Waiting {
  response: ServerResponse;
  run: () => void;
}

export class Connection {
  readonly #socket: Socket;
  readonly #limits: ConnectionLimits;
  readonly #waiting: Waiting[] = [];
  #current: ServerResponse | undefined;
  #latest: ServerResponse | undefined;
  /** How much the client had read when it was last seen to read. */
  #readBytes = 0;
  #readAtMs = 0;
  /** Whether the connection accepts no more requests. */
  #isClosing = false;
  /** Runs when every accepted request has been answered. */
  #finally: (() => void) | undefined;

  constructor(socket: Socket, limits: ConnectionLimits) {
    this.#socket = socket;
    this.#limits = limits;
    // Node closes a connection with this method after its last answer.
    socket.destroySoon = () => this.close();
    socket.once('end', () => this.#onHalfClose());
  }

  /** Runs a request when all earlier ones have been answered. Requests after one that closes the connection never run. */
  add(response: ServerResponse, run: () => void): void {
    if (this.#isClosing) return;
    this.#latest = response;
    if (this.#current === undefined) {
      this.#begin({ response, run });
      return;
    }
    this.#waiting.push({ response, run });
    if (this.#waiting.length < MAX_PIPELINED_REQUESTS) return;
    this.#isClosing = true;
    response.shouldKeepAlive = false;
    stopParsing(this.#socket);
  }

  /**
   * Accepts no more requests, because of what came on the connection instead of one, or instead of its body. Runs
   * `refuse` when all earlier requests have been answered; never, if the faulty request has an answer already.
   */
  refuse(refuse: () => void): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    stopParsing(this.#socket);
    const latest = this.#latest;
    const isFaulty = latest !== undefined && !latest.req.complete;
    if (isFaulty && latest === this.#waiting.at(-1)?.response) this.#waiting.pop();
    else if (isFaulty && latest.headersSent) this.#finally = () => this.close();
    if (this.#current === undefined || (isFaulty && latest === this.#current && !latest.headersSent)) {
      (this.#finally ?? refuse)();
    } else this.#finally ??= refuse;
  }

  /** Must be called when the headers of an answer are about to be written. */
  beginAnswer(response: ServerResponse): void {
    // Rather than read the rest of a large body, which is of no use, the connection is closed after the answer.
    if (!response.req.complete && mayBeLarge(response.req)) response.shouldKeepAlive = false;
  }

  /** Closes the connection if its client reads too slowly. Must be called now and then. */
  checkReader(nowMs: number): void {
    const { bytesWritten, writableLength } = this.#socket;
    const readBytes = bytesWritten - writableLength;
    if (writableLength === 0 || readBytes !== this.#readBytes) {
      this.#readBytes = readBytes;
      this.#readAtMs = nowMs;
      return;
    }
    // Node tells when a piece has been sent, not how much of it.
    const allowedMs = this.#limits.sendTimeoutMs + (1_000 * writableLength) / MIN_BYTES_PER_SECOND;
    if (nowMs - this.#readAtMs > allowedMs) this.#socket.destroy();
  }

  /** Closes the connection once everything written to it has been sent. */
  close(): void {
    this.#isClosing = true;
    lingeringClose(this.#socket, this.#limits.lingerMs);
  }

  #begin({ response, run }: Waiting): void {
    this.#current = response;
    response.once('close', () => this.#next());
    run();
  }

  #next(): void {
    this.#current = undefined;
    const next = this.#waiting.shift();
    // The client has left, or was told that no more requests are answered.
    if (!this.#socket.writable) this.#waiting.length = 0;
    else if (next === undefined) this.#finally?.();
    else {
      const { response, run } = next;
      // Answers to pipelined requests may be sent without a pause in which others get their turn.
      this.#begin({ response, run: () => setImmediate(() => response.closed || run()) });
    }
  }

  /** A client that closes its side may still read (half-close), or be gone: only writing to it tells. */
  #onHalfClose(): void {
    const timer = setTimeout(() => {
      if (this.#current?.headersSent === false) this.#socket.destroy();
    }, HALF_CLOSED_MS);
    this.#socket.once('close', () => clearTimeout(timer));
  }
}

function mayBeLarge({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length']) > MAX_UNREAD_BYTES;
}
