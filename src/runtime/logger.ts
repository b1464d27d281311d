// The log: JSON lines on standard output.
import pino, { type Logger } from 'pino';

export function createLogger(level: string): Logger {
  const options = {
    level,
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  // The reader may exit first, as in `npm run serve | tee log` on Ctrl-C. No request may fail
  // because of that.
  process.stdout.on('error', () => {});
  return pino(options, new LogWriter(process.stdout));
}

/** A finished request. */
export interface RequestEvent {
  id: string;
  method: string;
  path: string;
  /** The name of the action, if the request has one. */
  action?: string | undefined;
  /** The dictionary that the request names. */
  dictionary?: string | undefined;
  /** The search term, if terms are logged. */
  term?: string | undefined;
  /** The HTTP status, or 499 if the client disconnected before the response began. */
  status: number;
  ms: number;
  aborted: boolean;
  /** Why the request failed. */
  reason: string | undefined;
  /** The name of the API key. */
  key?: string | undefined;
  /** The trace and the span, as OpenTelemetry names them in logs: the request's, or its caller's. */
  trace_id?: string | undefined;
  span_id?: string | undefined;
}

/** Returns a function that logs finished requests at level `info`. */
export function requestLog(log: Logger): (event: RequestEvent) => void {
  return (event) => {
    const fields = { ...event, aborted: event.aborted || undefined };
    log.info(fields, 'request');
  };
}

const URGENT = /^\{"level":"(error|fatal)"/;

/** Lines are written in batches, because a write is expensive. */
const BATCH_INTERVAL_MS = 10;

/**
 * Characters that JSON leaves unescaped but terminals interpret: control characters up to U+009F,
 * line separators, and bidirectional formatting (https://www.unicode.org/reports/tr9/).
 */
const UNSAFE = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Such characters occur only in JSON strings, where an escape is equivalent. */
function escapeUnsafe(line: string): string {
  return line.replace(UNSAFE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Under PM2, `write` is PM2's replacement of `process.stdout.write`. */
type Output = Pick<NodeJS.WriteStream, 'write'>;

/**
 * Writes once the previous write is done: when PM2 opens its log files again, it drops queued
 * writes but completes the one in progress.
 */
export class LogWriter {
  readonly #output: Output;
  #buffered = '';
  #isWriting = false;
  /** Whether to write the buffered lines as soon as the write in progress is done. */
  #isWriteDue = false;

  constructor(output: Output) {
    this.#output = output;
    process.on('exit', () => this.flush());
  }

  write(line: string): void {
    if (this.#buffered === '') setTimeout(() => this.#writeNext(), BATCH_INTERVAL_MS).unref();
    this.#buffered += escapeUnsafe(line);
    // Flush errors immediately: the process may be about to die.
    if (URGENT.test(line)) this.#writeNext();
  }

  /**
   * Writes without waiting for the write in progress. `log.flush()` calls it before the process
   * exits.
   */
  flush(): void {
    const text = this.#buffered;
    this.#buffered = '';
    if (text !== '') this.#output.write(text);
  }

  #writeNext(): void {
    this.#isWriteDue = this.#isWriting;
    const text = this.#buffered;
    if (this.#isWriting || text === '') return;
    this.#buffered = '';
    this.#isWriting = true;
    this.#output.write(text, () => {
      this.#isWriting = false;
      if (this.#isWriteDue) this.#writeNext();
    });
  }
}
