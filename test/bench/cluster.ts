// A cluster of a program, with a worker per core.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from '../helpers/operator.js';
import { PROJECT } from '../helpers/project.js';

export const WORKERS = availableParallelism();

export interface Cluster {
  port: number;
  child: ChildProcess;
  /** The workers. */
  pids: number[];
}

/**
 * Resolves when all workers listen.
 * @param program its path in `dist/`; it listens on the port `PORT`
 * @param folder where the workers' output is logged, in a hidden file
 */
export async function startCluster(program: string, env: Record<string, string>, folder: string): Promise<Cluster> {
  const port = await freePort();
  const log = join(folder, `.log-${port}`);
  const args = [
    join(PROJECT, 'dist/test/bench/cluster-process.js'),
    join(PROJECT, 'dist', program),
    String(WORKERS),
    log,
  ];
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env.PATH, PORT: String(port), ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const pids: number[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const [, pid] = /^listening (\d+)$/.exec(line) ?? [];
    if (pid !== undefined) pids.push(Number(pid));
    if (pids.length === WORKERS) return { port, child, pids };
  }
  throw new Error(`The cluster of ${program} exited`);
}

export function killCluster({ child, pids }: Cluster): void {
  child.kill('SIGKILL');
  for (const pid of pids) if (existsSync(`/proc/${pid}`)) process.kill(pid, 'SIGKILL');
}
