// Runs an operator's command: prints its result, or its error and exits with status 1.
import { OperatorError } from '../errors.js';

export async function runCommand(command: () => Promise<string>): Promise<void> {
  try {
    console.log(await command());
  } catch (error) {
    console.error(error instanceof OperatorError ? error.message : error);
    process.exitCode = 1;
  }
}
