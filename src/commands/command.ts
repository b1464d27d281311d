// What the operator's commands have in common: a sentence on success, a reason and exit status 1 on failure.
import { OperatorError } from '../errors.js';

export async function runCommand(command: () => Promise<string>): Promise<void> {
  try {
    console.log(await command());
  } catch (error) {
    console.error(error instanceof OperatorError ? error.message : error);
    process.exitCode = 1;
  }
}
