// File systems that only one process sees: in a mount namespace, which root can make, and mostly others too.
import { execFileSync } from 'node:child_process';

const UNSHARE = ['unshare', process.getuid?.() === 0 ? '-m' : '-rm', 'sh', '-ec'];

/** What starts a program after a shell script has mounted something for it alone. */
export function withMounts(script: string): readonly string[] {
  return [...UNSHARE, `${script}\nexec "$@"`, 'sh'];
}

/** A file system in memory that is full. */
export function fullDisk(folder: string): string {
  return `mount -t tmpfs -o size=64k none '${folder}'; cat /dev/zero >'${folder}/full' 2>/dev/null || true`;
}

/** A suite that is skipped, with the reason, where there are no mount namespaces for us. */
export function describeWithMounts(title: string, define: (this: Mocha.Suite) => void): void {
  const [program = '', ...args] = withMounts('mount -t tmpfs none /proc');
  try {
    execFileSync(program, [...args, 'true'], { stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    const reason = `SKIPPED: ${title}: there are no mount namespaces for us (${(error as Error).message.trim()})`;
    console.warn(reason);
    describe.skip(reason, define);
    return;
  }
  describe(title, define);
}
