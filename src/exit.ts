// Ends a worker's process. It imports nothing, so that a worker can't fail to load it.

/**
 * Exits once the log is written, which is asynchronous under PM2. A drained worker exits by itself
 * unless something failed to close.
 */
export function exit(status: number): void {
  process.stdout.write('', () => process.stderr.write('', () => process.exit(status)));
}
