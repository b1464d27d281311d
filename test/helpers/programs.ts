// Programs that a test needs and not every machine has.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Also where only root looks for programs. */
const FOLDERS = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];

/** The path of the first of these programs that there is. */
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
  /** The names that the program may have. */
  names: readonly string[];
  /** Debian's packages that have it. */
  packages: string;
  /** A path that is taken in place of what is found. */
  given?: string | undefined;
}

/** A suite that is skipped, with the reason, where a program is not there. */
export function describeWith(
  title: string,
  { names, packages, given }: Needed,
  define: (this: Mocha.Suite, program: string) => void,
): void {
  const program = given || findAny(names);
  if (program !== undefined) {
    describe(title, function () {
      define.call(this, program);
    });
    return;
  }
  const reason = `SKIPPED: ${title}: there is no ${names[0]} (apt-get install ${packages})`;
  console.warn(reason);
  describe.skip(reason, function () {
    define.call(this, '');
  });
}
