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
  // Not pino's own destination, file descriptor 1: PM2 collects a worker's log by replacing process.stdout.write.
  return pino(options, process.stdout);
}
