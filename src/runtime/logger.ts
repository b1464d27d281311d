// One JSON line an event.
import pino, { type Logger } from 'pino';

export function createLogger(level: string): Logger {
  const options = {
    level,
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  // Not pino's own destination, file descriptor 1: PM2 collects a worker's log by replacing process.stdout.write.
  return pino(options, process.stdout);
}
