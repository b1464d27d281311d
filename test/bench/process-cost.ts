// CPU time and memory of processes.
import { readFileSync } from 'node:fs';
import { allChildrenOf } from '../helpers/processes.js';

/**
 * Returns the CPU time of processes and all their descendants, running or reaped (proc_pid_stat(5),
 * in ticks of 10 ms). Without the running ones, what fork servers have started would be missing.
 */
export function cpuMs(pids: number[]): number {
  return pids.reduce((sum, pid) => {
    const children = cpuMs(allChildrenOf(pid));
    const fields = readStat(pid).split(') ')[1]?.split(' ') ?? [];
    return sum + children + 10 * fields.slice(11, 15).reduce((ticks, field) => ticks + Number(field), 0);
  }, 0);
}

/** Returns an empty text if the process has exited. */
function readStat(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return '';
  }
}

/** Returns the current (`VmRSS`) or peak (`VmHWM`) memory of a process (proc_pid_status(5)). */
export function memoryBytes(pid: number | undefined, which: 'VmRSS' | 'VmHWM'): number {
  const [, kib] = new RegExp(`${which}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
  return Number(kib) * 1024;
}
