// Where an external program is.
import { access, constants } from 'node:fs/promises';
import { delimiter, resolve } from 'node:path';

/** The absolute path of a program in PATH: found once, it need not be looked for at every start. */
export async function findProgram(name: string): Promise<string | undefined> {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = resolve(folder, name);
    if (await access(path, constants.X_OK).then(yes, no)) return path;
  }
  return undefined;
}

const yes = () => true;
const no = () => false;
