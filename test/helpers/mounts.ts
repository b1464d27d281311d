// File systems that are visible to one process only, in a mount namespace. Most systems permit
// those.
import { execFileSync } from 'node:child_process';

const UNSHARE = ['unshare', process.getuid?.() === 0 ? '-m' : '-rm', 'sh', '-ec'];

/** Returns the command prefix that runs a mount script in a namespace, then a program. */
export function withMounts(script: string): readonly string[] {
  return [...UNSHARE, `${script}\nexec "$@"`, 'sh'];
}

/** Returns a script that mounts a full file system. */
export function fullDisk(folder: string): string {
  return `mount -t tmpfs -o size=64k none '${folder}'; cat /dev/zero >'${folder}/full' 2>/dev/null || true`;
}

/** Defines a suite that is skipped, with the reason, if mount namespaces are not permitted. */
export function describeWithMounts(title: string, define: (this: Mocha.Suite) => void): void {
  const [program = '', ...args] = withMounts('mount -t tmpfs none /proc');
  try {
    execFileSync(program, [...args, 'true'], { stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    const reason = `SKIPPED: ${title}: mount namespaces are not permitted (${(error as Error).message.trim()})`;
    console.warn(reason);
    describe.skip(reason, define);
    return;
  }
  describe(title, define);
}
