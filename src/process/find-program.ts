// Looks up external programs in PATH.
import { access, constants } from 'node:fs/promises';
import { delimiter, resolve } from 'node:path';

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
