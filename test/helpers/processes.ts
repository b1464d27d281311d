import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Whether a process runs: a zombie, which has ended and waits for its parent to notice, does not. */
export function isAlive(pid: number): boolean {
  try {
    // proc(5): "pid (comm) state …", and comm may hold anything.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z';
  } catch {
    return false;
  }
}

export async function untilEnded(pid: number): Promise<void> {
  while (isAlive(pid)) await sleep(10);
}

/** The programs that it has started and that work: no shell that waits to start one. */
export function childrenOf(pid: number): number[] {
  return allChildrenOf(pid).filter(
    (child) => !(read(`/proc/${child}/comm`) === 'sh\n' && allChildrenOf(child).length === 0),
  );
}

/** The processes that any of its threads has started and that have not been reaped. */
export function allChildrenOf(pid: number): number[] {
  const threads = readFolder(`/proc/${pid}/task`);
  return threads.flatMap((thread) => read(`/proc/${pid}/task/${thread}/children`).match(/\d+/g) ?? []).map(Number);
}

export function commandOf(pid: number): string {
  return read(`/proc/${pid}/cmdline`)
    .replace(/[\0\s]+/g, ' ')
    .trim();
}

/** The ids of the processes whose command line or title contains a text. */
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

/** Nothing of a process that has ended. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
