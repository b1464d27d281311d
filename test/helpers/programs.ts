// Programs that some tests need and that may not be installed.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Includes those that are usually in root's PATH only. */
const FOLDERS = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];

/** Returns the path of the first of these programs that is installed. */
export function findAny(names: readonly string[]): string | undefined {
  return FOLDERS.flatMap((folder) => names.map((name) => join(folder, name))).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

interface Needed {
  /** The alternative names of the program. */
  names: readonly string[];
  /** The Debian packages that contain it, or where else it is from. */
  packages: string | URL;
  /** Overrides the search with a path. */
  configured?: string | undefined;
}

/** Defines a suite that is skipped, with the reason, if a program is not installed. */
export function describeWith(
  title: string,
  { names, packages, configured }: Needed,
  define: (this: Mocha.Suite, program: string) => void,
): void {
  const program = configured || findAny(names);
  if (program !== undefined) {
    describe(title, function () {
      define.call(this, program);
    });
    return;
  }
  const reason = `SKIPPED: ${title}: ${names[0]} is not installed (${packages instanceof URL ? packages : `apt-get install ${packages}`})`;
  console.warn(reason);
  describe.skip(reason, function () {
    define.call(this, '');
  });
}
