// Starts ClickHouse nodes for tests on the loopback address. The engine comes from the library in
// an npm package: see .ci/run.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './operator.js';
import { findAny } from './programs.js';
import { tempFolder } from './temp-folder.js';
import { INSTALL_TEST_PROGRAMS, TEST_PROGRAMS } from './test-programs.js';

const LIBRARY = process.env.CLICKHOUSE_LIBRARY ?? join(TEST_PROGRAMS, '@chdb/lib-linux-x64-gnu/libchdb.so');

/** Loads the library and runs a query that makes it listen. */
const LAUNCHER = `#include <dlfcn.h>
#include <stdio.h>
int main(int argc, char **argv) {
  void *library = dlopen(argv[1], RTLD_NOW | RTLD_GLOBAL);
  void *(*run)(int, char **) = library ? dlsym(library, "chdb_query_cmdline") : 0;
  if (!run) { fprintf(stderr, "%s\\n", dlerror()); return 2; }
  argv[1] = "clickhouse";
  run(argc - 1, argv + 1);
  return 0;
}
`;
const LISTEN =
  'SYSTEM START LISTEN TCP; SYSTEM START LISTEN HTTP; SELECT sleepEachRow(1) FROM numbers(1000000) FORMAT Null SETTINGS function_sleep_max_microseconds_per_block = 0, max_block_size = 1';
const START_TIMEOUT_MS = 60_000;
const MAX_RESTARTS = 3;

export interface Node {
  url: string;
  /** Kills the node with SIGKILL. */
  kill: () => Promise<void>;
  /** Restarts it with its data. */
  start: () => Promise<void>;
  /** How often it has crashed: the library may abort. It is then started again. */
  crashes: () => number;
  pid: () => number;
}

export interface Nodes {
  /** The HTTP interface of each node. */
  urls: string[];
  /** The name of the cluster, or `undefined` for a single node. */
  cluster: string | undefined;
  nodes: Node[];
  leave: () => Promise<void>;
}

/** Returns why nodes can't be started, or `undefined` if they can. */
export function findMissing(): string | undefined {
  if (!existsSync(LIBRARY)) return `there is no ClickHouse for tests (${INSTALL_TEST_PROGRAMS})`;
  return findAny(['gcc', 'cc']) === undefined ? 'there is no C compiler (apt-get install gcc libc6-dev)' : undefined;
}

/** Like `describe`, but skips the suite with a reason if nodes can't be started. */
export function describeWithClickHouse(title: string, define: (this: Mocha.Suite) => void): void {
  const reason = findMissing();
  if (reason === undefined) {
    describe(title, define);
    return;
  }
  console.warn(`SKIPPED: ${title}: ${reason}`);
  describe.skip(`SKIPPED: ${title}: ${reason}`, define);
}

/** @param shards the number of replicas of each shard; `[1]` starts a single node */
export async function startNodes(shards: readonly number[]): Promise<Nodes> {
  const folder = await tempFolder();
  const launcher = join(folder.path, 'launcher');
  writeFileSync(`${launcher}.c`, LAUNCHER);
  execFileSync(findAny(['gcc', 'cc']) as string, ['-O1', '-o', launcher, `${launcher}.c`, '-ldl']);
  const count = shards.reduce((sum, replicas) => sum + replicas, 0);
  const ports = await freePorts(2 * count);
  const tcpPorts = ports.slice(count);
  const config = join(folder.path, 'config.xml');
  writeFileSync(config, configOf(shards, tcpPorts));
  const nodes = await Promise.all(
    tcpPorts.map((tcpPort, at) => {
      const httpPort = ports[at] as number;
      return startNode({ launcher, config, folder: join(folder.path, String(at)), httpPort, tcpPort });
    }),
  );
  return {
    urls: nodes.map(({ url }) => url),
    cluster: count === 1 ? undefined : 'test',
    nodes,
    leave: async () => {
      await Promise.all(nodes.map(({ kill }) => kill()));
      await folder.remove();
    },
  };
}

async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
}

function configOf(shards: readonly number[], tcpPorts: readonly number[]): string {
  const ports = [...tcpPorts];
  const replica = () => `<replica><host>127.0.0.1</host><port>${ports.shift()}</port></replica>`;
  const shard = (replicas: number) =>
    `<shard><internal_replication>false</internal_replication>${Array.from({ length: replicas }, replica).join('')}</shard>`;
  return `<clickhouse><logger><level>warning</level><console>1</console></logger>
<remote_servers><test>${shards.map(shard).join('')}</test></remote_servers></clickhouse>`;
}

interface NodeOptions {
  launcher: string;
  config: string;
  folder: string;
  httpPort: number;
  tcpPort: number;
}

async function startNode({ launcher, config, folder, httpPort, tcpPort }: NodeOptions): Promise<Node> {
  mkdirSync(folder);
  const output = openSync(join(folder, 'output'), 'a');
  const url = `http://127.0.0.1:${httpPort}`;
  let child: ChildProcess;
  let isKilled = false;
  let crashes = 0;
  const restart = async (reason: number | NodeJS.Signals | null) => {
    crashes += 1;
    console.warn(`      A ClickHouse node crashed (${reason}), and is started again.`);
    let isUpAgain = false;
    // If all attempts fail, the tests fail.
    for (let attempt = 1; attempt <= MAX_RESTARTS && !isUpAgain && !isKilled; attempt += 1) {
      isUpAgain = await start().then(
        () => true,
        () => false,
      );
    }
  };
  const start = async () => {
    const address = [
      `--path=${folder}/data`,
      `--http_port=${httpPort}`,
      `--tcp_port=${tcpPort}`,
      '--listen_host=127.0.0.1',
    ];
    child = spawn(launcher, [LIBRARY, `--config-file=${config}`, ...address, `--query=${LISTEN}`], {
      cwd: folder,
      stdio: ['ignore', output, output],
    });
    isKilled = false;
    let isStarted = false;
    child.once('exit', (status, signal) => {
      if (isStarted && !isKilled) restart(status ?? signal);
    });
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (!(await isUp(url))) {
      if (hasExited() || Date.now() > deadline) throw new Error(`A ClickHouse node did not start: ${folder}/output`);
      await sleep(50);
    }
    isStarted = true;
  };
  const hasExited = () => child.exitCode !== null || child.signalCode !== null;
  const kill = async () => {
    if (hasExited()) return;
    isKilled = true;
    if (child.kill('SIGKILL')) await once(child, 'exit');
  };
  await start();
  return { url, kill, start, crashes: () => crashes, pid: () => child.pid as number };
}

async function isUp(url: string): Promise<boolean> {
  return fetch(`${url}/ping`).then(
    ({ ok }) => ok,
    () => false,
  );
}
