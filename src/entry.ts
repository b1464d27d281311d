// The entry point of a worker process. It imports the rest dynamically, so that the process also
// exits if a module can't be loaded, instead of never listening.
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

// build.js keeps every build that the title of a process names.
process.title = `grepd ${basename(fileURLToPath(new URL('..', import.meta.url)))}`;

/**
 * Exits once the log is written, which is asynchronous under PM2. A drained worker exits by itself
 * unless something failed to close.
 */
function exit(status: number): void {
  process.stdout.write('', () => process.stderr.write('', () => process.exit(status)));
}

try {
  const { main } = await import('./main.js');
  await main(exit);
} catch (error) {
  const expected = error instanceof Error && error.name === 'OperatorError';
  console.error(`grepd could not start: ${expected ? error.message : error instanceof Error ? error.stack : error}`);
  exit(1);
}
