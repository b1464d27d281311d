// What the operator's commands have in common: a sentence on success, a reason and exit status 1 on failure.
import { ConfigError } from '../config.js';

/** A failure that the operator can do something about: no stack. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

export async function runCommand(command: () => Promise<string>): Promise<void> {
  try {
    console.log(await command());
  } catch (error) {
    console.error(error instanceof CommandError || error instanceof ConfigError ? error.message : error);
    process.exitCode = 1;
  }
}
