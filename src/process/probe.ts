// Runs a program briefly to find out what it is and what it can do.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** A program that isn't the expected one may never exit. */
const TIMEOUT_MS = 10_000;

export interface ProbeOptions {
  /** The whole environment of the program; by default that of this process. */
  env?: Record<string, string>;
  input?: string;
}

/** Returns what the program prints. Rejects if it fails. */
export async function probe(program: string, args: readonly string[], options: ProbeOptions = {}): Promise<string> {
  const { env, input = '' } = options;
  const run = promisify(execFile)(program, args, { timeout: TIMEOUT_MS, ...(env !== undefined && { env }) });
  // The program may exit without reading its input.
  run.child.stdin?.on('error', () => {}).end(input);
  return (await run).stdout;
}
