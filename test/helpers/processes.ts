import { readFileSync } from 'node:fs';
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

export function childrenOf(pid: number): number[] {
  return (readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').match(/\d+/g) ?? []).map(Number);
}
