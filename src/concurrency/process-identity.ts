// A unique identity for a process: an ID can be reused, but not with the same start time.
import { readFileSync } from 'node:fs';

/**
 * Returns `PID-STARTTIME`, with the start time in clock ticks since boot (proc_pid_stat(5), field
 * 22). Throws if there is no such process, or no /proc.
 */
export function processIdentity(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // Field 2 is the program's name in parentheses, which may itself contain spaces and parentheses.
  return `${pid}-${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
}

/** Whether `name` begins with the identity of a running process. */
export function isRunning(name: string): boolean {
  const [pid] = name.split('-');
  try {
    return name.startsWith(processIdentity(Number(pid)));
  } catch {
    return false;
  }
}
