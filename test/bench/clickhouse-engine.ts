// Loads dictionaries into ClickHouse nodes, and configures a service that searches there.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Nodes } from '../helpers/clickhouse.js';
import { PROJECT } from '../helpers/project.js';
import { memoryBytes } from './process-cost.js';

export interface LoadCost {
  seconds: number;
  /** The peak memory of the command. */
  peakBytes: number;
  diskBytes: number;
}

export function environmentOf({ urls, cluster }: Nodes): Record<string, string> {
  return {
    SEARCH_ENGINE: 'clickhouse',
    CLICKHOUSE_URL: urls.join(','),
    ...(cluster !== undefined && { CLICKHOUSE_CLUSTER: cluster }),
  };
}

/** Loads with the command, like an operator, and waits until the nodes have merged their parts. */
export async function loadDictionary(name: string, nodes: Nodes, env: Record<string, string>): Promise<LoadCost> {
  const begin = performance.now();
  const load = spawn(process.execPath, [join(PROJECT, 'dist/src/cli/npm-script.js'), 'load', name], {
    env: { PATH: process.env.PATH, ...env, ...environmentOf(nodes) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  let max = 0;
  const watch = setInterval(() => {
    if (load.exitCode === null) max = Math.max(max, memoryBytes(load.pid, 'VmHWM'));
  }, 200);
  const [status] = await once(load, 'exit');
  clearInterval(watch);
  if (status !== 0) throw new Error('npm run load failed');
  const seconds = (performance.now() - begin) / 1000;
  for (const url of nodes.urls) while ((await mergesOf(url)) > 0) await sleep(500);
  const onDisk = await Promise.all(nodes.urls.map(bytesOnDisk));
  return { seconds, peakBytes: max, diskBytes: onDisk.reduce((sum, bytes) => sum + bytes, 0) };
}

function bytesOnDisk(url: string): Promise<number> {
  return numberFrom(url, "SELECT sum(bytes_on_disk) FROM system.parts WHERE database = 'grepd' AND active");
}

function mergesOf(url: string): Promise<number> {
  return numberFrom(url, 'SELECT count() FROM system.merges');
}

async function numberFrom(url: string, query: string): Promise<number> {
  return Number(await (await fetch(url, { method: 'POST', body: query })).text());
}
