// One JSON line an event.
import pino, { type Logger } from 'pino';

export function createLogger(level: string): Logger {
  const options = {
    level,
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  // Whoever reads the log may leave first, as in `npm run serve | tee log` on Ctrl-C. That is no reason to lose a request.
  process.stdout.on('error', () => {});
  return pino(options, new Lines());
}

const WRONG = /^\{"level":"(error|fatal)"/;

/** What is logged in one turn of the event loop is written at once: a write for each line costs more than the line. */
class Lines {
  #text = '';

  constructor() {
    process.on('exit', () => this.#flush());
  }

  write(line: string): void {
    if (this.#text === '') setImmediate(() => this.#flush());
    this.#text += line;
    // What is wrong may end the process, in any way.
    if (WRONG.test(line)) this.#flush();
  }

  #flush(): void {
    // Not pino's own destination, file descriptor 1: PM2 collects a worker's log by replacing process.stdout.write.
    if (this.#text !== '') process.stdout.write(this.#text);
    this.#text = '';
  }
}
