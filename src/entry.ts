// The entry point of a worker process. It imports the rest dynamically, so that the process also
// exits if a module can't be loaded, instead of never listening.
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exit } from './exit.js';

// build.js keeps every build that the title of a process names.
process.title = `grepd ${basename(fileURLToPath(new URL('..', import.meta.url)))}`;

try {
  const { main } = await import('./main.js');
  await main(exit);
} catch (error) {
  const expected = error instanceof Error && error.name === 'OperatorError';
  console.error(`grepd could not start: ${expected ? error.message : error instanceof Error ? error.stack : error}`);
  exit(1);
}
