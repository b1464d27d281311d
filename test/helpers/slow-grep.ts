// A grep that takes as long as a test wants: the real one, started when a file appears.
import { execFileSync } from 'node:child_process';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface SlowGrep {
  /** For the environment of the service. */
  PATH: string;
  /** The process ids of those that have been started so far. */
  started: () => Promise<number[]>;
  /** Lets them go on. */
  release: () => Promise<void>;
}

/** @param folder where it and its files go */
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
