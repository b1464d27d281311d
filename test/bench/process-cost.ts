// CPU time and memory of processes.
import { readFileSync } from 'node:fs';

/**
 * Returns the CPU time of processes and their reaped children (proc_pid_stat(5), in ticks of 10
 * ms).
 */
export function cpuMs(pids: number[]): number {
  return pids.reduce((sum, pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? [];
    return sum + 10 * fields.slice(11, 15).reduce((ticks, field) => ticks + Number(field), 0);
  }, 0);
}

/** Returns the current (`VmRSS`) or peak (`VmHWM`) memory of a process (proc_pid_status(5)). */
export function memoryBytes(pid: number | undefined, which: 'VmRSS' | 'VmHWM'): number {
  const [, kib] = new RegExp(`${which}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
  return Number(kib) * 1024;
}
