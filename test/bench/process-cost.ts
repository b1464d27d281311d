// What processes cost.
import { readFileSync } from 'node:fs';

/** Of the workers and of the greps that they have waited for: proc_pid_stat(5), in ticks of 10 ms. */
export function cpuMs(pids: number[]): number {
  return pids.reduce((sum, pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? [];
    return sum + 10 * fields.slice(11, 15).reduce((ticks, field) => ticks + Number(field), 0);
  }, 0);
}

/** The memory that a process has (`VmRSS`) or has had at most (`VmHWM`): proc_pid_status(5). */
export function memoryBytes(pid: number | undefined, which: 'VmRSS' | 'VmHWM'): number {
  const [, kib] = new RegExp(`${which}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
  return Number(kib) * 1024;
}
