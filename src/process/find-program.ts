// Looks up external programs in PATH.
import { access, constants } from 'node:fs/promises';
import { delimiter, resolve } from 'node:path';

/**
 * Returns the absolute path of a program, or `undefined` if no folder of PATH has it. With an
 * absolute path, starting the program doesn't search PATH again.
 */
export async function findProgram(name: string): Promise<string | undefined> {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = resolve(folder, name);
    const isExecutable = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isExecutable) return path;
  }
  return undefined;
}
