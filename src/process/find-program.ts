// Looks up external programs in PATH.
import { access, constants } from 'node:fs/promises';
import { delimiter, resolve } from 'node:path';
import { OperatorError } from '../errors.js';

/**
 * Returns the absolute path of a program, or `undefined` if no directory in PATH has it. The
 * path saves the search of PATH when the program is started.
 */
export async function findProgram(name: string): Promise<string | undefined> {
  for (const directory of (process.env.PATH ?? '').split(delimiter)) {
    const path = resolve(directory, name);
    const isExecutable = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isExecutable) return path;
  }
  return undefined;
}

/** Like `findProgram`, but throws an OperatorError. `requirement` completes "grepd needs …". */
export async function findRequiredProgram(name: string, requirement: string): Promise<string> {
  const program = await findProgram(name);
  if (program !== undefined) return program;
  throw new OperatorError(`There is no ${name} in PATH (${process.env.PATH}); grepd needs ${requirement}.`);
}
