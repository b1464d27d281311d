// Where the workers of one service meet, for what they count together: a folder that they, and nobody else, know and may use.
import cluster from 'node:cluster';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';

/**
 * The workers of a PM2 daemon and a port have one in common, also those of before and after a reload; a worker without PM2 has its own, which goes with it. Those
 * of processes that are gone are removed. Nothing where it can't be had, or is open to others: that is no reason not to answer searches, and the log says so.
 */
export function openWorkersFolder(port: number, log: Logger): string | undefined {
  try {
    const all = join(tmpdir(), `grepd-${process.getuid?.() ?? 0}`);
    mkdirSync(all, { recursive: true, mode: 0o700 });
    const { uid, mode } = statSync(all);
    if (uid !== process.getuid?.() || (mode & 0o077) !== 0) throw new Error(`${all} is open to others`);
    for (const name of readdirSync(all)) {
      if (!isAlive(name)) rmSync(join(all, name), { recursive: true, force: true });
    }
    const folder = join(all, `${nameOf(cluster.isWorker ? process.ppid : process.pid)}-${port}`);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (!cluster.isWorker) process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
    return folder;
  } catch (error) {
    log.warn({ err: error }, 'workers can not meet: each counts for itself');
    return undefined;
  }
}

/** A process that nobody else is, was or will be: its id, and when it was started (proc_pid_stat(5), field 22). */
export function nameOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The name of the program is in parentheses, and may hold anything.
  return `${pid}-${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
}

/** Whether the process is there that a name begins with. */
export function isAlive(name: string): boolean {
  const [pid] = name.split('-');
  try {
    return name.startsWith(nameOf(Number(pid)));
  } catch {
    return false;
  }
}
