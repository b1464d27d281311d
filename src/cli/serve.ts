// Runs one worker in the foreground, without PM2.
import { basename } from 'node:path';
import { parseConfig } from '../config/config.js';
import { BUILD } from '../config/installation.js';
import { describeAudience } from '../config/listen-address.js';

/** Returns once the worker listens; the process exits when it has drained. */
export async function serve(): Promise<undefined> {
  // build.js keeps every build that the title of a process names.
  process.title = `grepd ${basename(BUILD)}`;
  // On a terminal, a line for each request would hide the URL.
  if (process.stdout.isTTY) process.env.LOG_LEVEL ||= 'warn';
  const config = parseConfig(process.env);
  const { main } = await import('../main.js');
  try {
    const url = await main(exit);
    const { DICTIONARIES_DIR: folder } = config;
    console.error(`grepd serves ${folder} at ${url}, to ${describeAudience(config)}. Ctrl-C stops it.`);
  } catch (error) {
    // Some parts of the worker may be open already. The caller prints the error first.
    setImmediate(exit, 1);
    throw error;
  }
  return undefined;
}

/** Exits once the log is written, as in `entry.ts`, which must import nothing that can be missing. */
function exit(status: number): void {
  process.stdout.write('', () => process.stderr.write('', () => process.exit(status)));
}
