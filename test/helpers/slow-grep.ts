// A grep that waits until a test releases it, then runs the real one.
import { execFileSync } from 'node:child_process';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface SlowGrep {
  /** A PATH for the service, in which this grep comes first. */
  PATH: string;
  /** Returns the process ids of all that have been started so far. */
  started: () => Promise<number[]>;
  /** Lets all of them run, now and later. */
  release: () => Promise<void>;
}

/** @param folder the folder for the program and its files */
export async function slowGrep(folder: string): Promise<SlowGrep> {
  const real = execFileSync('sh', ['-c', 'command -v grep'], { encoding: 'utf8' }).trim();
  const [program, log, gate] = ['grep', 'started', 'released'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const script = `#!/bin/sh
case "$1" in --version|-q) exec ${real} "$@";; esac
echo $$ >>'${log}'
PATH='${process.env.PATH}'
until [ -e '${gate}' ]; do sleep 0.02; done
exec ${real} "$@"
`;
  await writeFile(program, script);
  await chmod(program, 0o755);
  return {
    PATH: `${folder}:${process.env.PATH}`,
    started: async () => ((await readFile(log, 'utf8').catch(() => '')).match(/\d+(?=\n)/g) ?? []).map(Number),
    release: () => writeFile(gate, ''),
  };
}
