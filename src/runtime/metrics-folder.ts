// Where the workers of one service meet for their metrics: a folder that they, and nobody else, know and may use.
import cluster from 'node:cluster';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * The workers of a PM2 daemon and a port have one in common, also those of before and after a reload; a worker without PM2 has its own. Those of daemons
 * that are gone are removed. Throws where it can't be had, or is another user's.
 */
export function openMetricsFolder(port: number): string {
  const user = process.getuid?.() ?? 0;
  const all = join(tmpdir(), `grepd-metrics-${user}`);
  mkdirSync(all, { recursive: true, mode: 0o700 });
  const { uid, mode } = statSync(all);
  if (uid !== user || (mode & 0o077) !== 0) throw new Error(`${all} is open to others`);
  for (const name of readdirSync(all)) {
    if (!isAlive(name)) rmSync(join(all, name), { recursive: true, force: true });
  }
  const owner = cluster.isWorker ? process.ppid : process.pid;
  const folder = join(all, `${nameOf(owner)}-${port}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
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
