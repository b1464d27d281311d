// One client connection. Runs its requests one at a time, and closes it if the client stalls.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { lingeringClose, stopParsing } from './lingering-close.js';

/** The number of requests that may wait for the one in progress (RFC 9112, section 9.3.2). */
export const MAX_PIPELINED_REQUESTS = 100;

/** The size of the requests that may wait, heads and bodies. */
const MAX_PIPELINED_BYTES = 256 * 1024;

/** The largest unneeded body that is read to keep the connection open. */
const MAX_UNREAD_BYTES = 64 * 1024;

/** How long a half-closed, perhaps abandoned, connection may wait for its response to begin. */
const HALF_CLOSE_TIMEOUT_MS = 2_000;

/** The minimum rate at which a client must read a chunk. */
const MIN_BYTES_PER_SECOND = 50_000;

export interface ConnectionLimits {
  /** How long a client may go without reading any of its response. */
  sendTimeoutMs: number;
  /** How long a client may keep sending after the server has started to close. */
  lingerMs: number;
}

/** A request that waits for the one in progress. */
interface PipelinedRequest {
  response: ServerResponse;
  run: () => void;
  /** How much had been read from the connection when its head was parsed. */
  fromBytes: number;
}

export class Connection {
  readonly #socket: Socket;
  readonly #limits: ConnectionLimits;
  readonly #waiting: PipelinedRequest[] = [];
  #current: ServerResponse | undefined;
  #currentFromBytes = 0;
  #latest: ServerResponse | undefined;
  /** When the head of the latest request arrived. */
  #latestAtMs = 0;
  #halfCloseTimer: NodeJS.Timeout | undefined;
  /** The bytes that the client had read at `#readAtMs`, when it last made progress. */
  #readBytes = 0;
  #readAtMs = performance.now();
  /** When the latest answer ended, or the connection began. */
  #idleSinceMs = performance.now();
  /** Whether the connection has stopped accepting requests. */
  #isClosing = false;
  /** Runs when every accepted request has been answered. */
  #onAllAnswered: (() => void) | undefined;

  constructor(socket: Socket, limits: ConnectionLimits) {
    this.#socket = socket;
    this.#limits = limits;
    // Node calls this method to close a connection after its last response.
    socket.destroySoon = () => this.close();
    socket.once('end', () => this.#startHalfCloseTimer());
    socket.once('close', () => clearTimeout(this.#halfCloseTimer));
  }

  /** Runs a request once all earlier ones are answered. Ignores requests once closing has begun. */
  add(response: ServerResponse, run: () => void): void {
    if (this.#isClosing) return;
    this.#latest = response;
    this.#latestAtMs = performance.now();
    const request = { response, run, fromBytes: this.#socket.bytesRead };
    if (this.#current === undefined) {
      this.#begin(request);
      return;
    }
    this.#waiting.push(request);
    const waitingBytes = request.fromBytes - (this.#waiting[0]?.fromBytes ?? 0);
    if (this.#waiting.length < MAX_PIPELINED_REQUESTS && waitingBytes <= MAX_PIPELINED_BYTES) return;
    this.#isClosing = true;
    response.shouldKeepAlive = false;
    stopParsing(this.#socket);
  }

  /**
   * Stops accepting requests after malformed input. Runs `respond` once all earlier requests are
   * answered, but not if the malformed input is the body of a request already being answered.
   */
  reject(respond: () => void): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    stopParsing(this.#socket);
    const latest = this.#latest;
    const isFaulty = latest !== undefined && !latest.req.complete;
    if (isFaulty && latest === this.#waiting.at(-1)?.response) this.#waiting.pop();
    else if (isFaulty && latest.headersSent) this.#onAllAnswered = () => this.close();
    if (this.#current === undefined || (isFaulty && latest === this.#current && !latest.headersSent)) {
      (this.#onAllAnswered ?? respond)();
    } else this.#onAllAnswered ??= respond;
  }

  /** Must be called before the headers of a response are written. */
  prepareResponse(response: ServerResponse): void {
    // Close after the response instead of reading the rest of a large, unneeded body.
    if (!response.req.complete && this.#isLarge(response.req)) response.shouldKeepAlive = false;
  }

  /** Closes the connection if its client reads too slowly. Must be called periodically. */
  closeIfReadingStalls(nowMs: number): void {
    const { bytesWritten, writableLength } = this.#socket;
    const readBytes = bytesWritten - writableLength;
    if (writableLength === 0 || readBytes !== this.#readBytes) {
      this.#readBytes = readBytes;
      this.#readAtMs = nowMs;
      return;
    }
    // Node reports when a chunk has been sent, but no progress within it.
    const allowedMs = this.#limits.sendTimeoutMs + (1_000 * writableLength) / MIN_BYTES_PER_SECOND;
    if (nowMs - this.#readAtMs > allowedMs) this.#socket.destroy();
  }

  /** Whether the body of the latest request, unless excepted, has been arriving for too long. */
  isOverdue(nowMs: number, timeoutMs: number, isExcepted: (request: IncomingMessage) => boolean): boolean {
    const request = this.#latest?.req;
    if (request === undefined || request.complete || this.#isClosing) return false;
    return nowMs - this.#latestAtMs > timeoutMs && !isExcepted(request);
  }

  /**
   * Closes the connection if a request has been answered and the rest of its body, which has no
   * length, turns out to be large. Must be called periodically.
   */
  closeIfBodyIsLarge(): void {
    const isAnswered = this.#current === undefined && this.#latest?.req.complete === false;
    if (!isAnswered || this.#isClosing) return;
    if (this.#socket.bytesRead - this.#currentFromBytes > MAX_UNREAD_BYTES) this.close();
  }

  /**
   * Closes the connection if it has had no request for longer than `maxIdleMs`. Node.js restarts
   * its keep-alive timeout on any input, even on the empty lines that may precede a request (RFC
   * 9112, section 2.2). Must be called periodically.
   */
  closeIfIdle(nowMs: number, maxIdleMs: number): void {
    if (this.#current === undefined && nowMs - this.#idleSinceMs > maxIdleMs) this.#socket.destroy();
  }

  /** Closes the connection once everything written to it has been sent. */
  close(): void {
    this.#isClosing = true;
    lingeringClose(this.#socket, this.#limits.lingerMs);
  }

  #begin({ response, run, fromBytes }: PipelinedRequest): void {
    this.#current = response;
    this.#currentFromBytes = fromBytes;
    response.once('close', () => this.#next());
    this.#halfCloseTimer?.refresh();
    run();
  }

  #next(): void {
    this.#current = undefined;
    this.#idleSinceMs = performance.now();
    const next = this.#waiting.shift();
    // The client has disconnected, or has received `Connection: close`.
    if (!this.#socket.writable) this.#waiting.length = 0;
    else if (next === undefined) this.#onAllAnswered?.();
    else {
      const { response, run } = next;
      // Yield between pipelined requests, so that other connections can proceed.
      this.#begin({ ...next, run: () => setImmediate(() => response.closed || run()) });
    }
  }

  /** Whether the current body is large, or has no length and didn't arrive with its head. */
  #isLarge({ headers }: IncomingMessage): boolean {
    if (headers['transfer-encoding'] !== undefined) return this.#socket.bytesRead > this.#currentFromBytes;
    return Number(headers['content-length']) > MAX_UNREAD_BYTES;
  }

  /** A client that half-closes may still read or may be gone. Only writing to it shows which. */
  #startHalfCloseTimer(): void {
    this.#halfCloseTimer = setTimeout(() => {
      if (this.#current?.headersSent === false) this.#socket.destroy();
    }, HALF_CLOSE_TIMEOUT_MS);
  }
}
