// Where a worker's process begins. It loads the rest, so that nothing that is wrong there, not even a module that can't be
// loaded, leaves a process that lives and never listens.
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

// build.js keeps a build that a process title names.
process.title = `grepd ${basename(fileURLToPath(new URL('..', import.meta.url)))}`;

/**
 * Under PM2 the log is written behind our back; what was written last must get there before the process ends. A worker that
 * has drained would end by itself, but not if something failed to close.
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
