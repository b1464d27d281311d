import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Returns whether a process is running. A zombie is not. */
export function isAlive(pid: number): boolean {
  try {
    // proc_pid_stat(5): "pid (comm) state …", and comm may contain any character.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z';
  } catch {
    return false;
  }
}

export async function untilEnded(pid: number): Promise<void> {
  while (isAlive(pid)) await sleep(10);
}

/** Returns the children of a process, except for idle shells that wait to start a program. */
export function childrenOf(pid: number): number[] {
  return allChildrenOf(pid).filter(
    (child) => !(read(`/proc/${child}/comm`) === 'sh\n' && allChildrenOf(child).length === 0),
  );
}

/** Returns the processes that any thread of a process has started and that have not been reaped. */
export function allChildrenOf(pid: number): number[] {
  const threads = readFolder(`/proc/${pid}/task`);
  return threads.flatMap((thread) => read(`/proc/${pid}/task/${thread}/children`).match(/\d+/g) ?? []).map(Number);
}

export function commandOf(pid: number): string {
  return read(`/proc/${pid}/cmdline`)
    .replace(/[\0\s]+/g, ' ')
    .trim();
}

/** Returns the ids of the processes whose command line or title contains a text. */
export function findProcesses(text: string): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => commandOf(pid).includes(text));
}

function readFolder(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

/** Returns an empty text if the process has exited. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
