// An operator with a separate PM2 and a free port, who runs grepd's commands and cleans up.
import { type ExecFileException, execFile } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { settings } from '../../src/config/settings.js';
import { findProcesses } from './processes.js';
import { PROJECT } from './project.js';
import { tempFolder } from './temp-folder.js';

export interface Outcome {
  status: number;
  stdout: string;
  stderr: string;
}

export interface Worker {
  pid: number;
  pm2_env: { status: string; restart_time: number; kill_timeout: number; env: Record<string, string> };
}

export interface Operator {
  /** A temporary folder for the test. */
  folder: string;
  port: number;
  url: string;
  /** Runs a shell command in the project's folder. */
  sh: (command: string, env?: Record<string, string>) => Promise<Outcome>;
  /** Runs `npm start` without building. */
  start: (env?: Record<string, string>) => Promise<Outcome>;
  pm2: (command: string, env?: Record<string, string>) => Promise<Outcome>;
  /** PM2's list of workers. */
  workers: () => Promise<Worker[]>;
  /** The ids of the PM2 daemons that use this operator's PM2_HOME. */
  daemons: () => number[];
  leave: () => Promise<void>;
}

const MAX_LIST_ATTEMPTS = 5;

/** A machine on which grepd runs. */
export interface Host {
  address: string;
  /** The command prefix that runs a program on the machine. */
  enter: readonly string[];
}

/**
 * @param project the folder of a copy of the project
 * @param host this machine by default
 */
export async function makeOperator(project = PROJECT, host?: Host): Promise<Operator> {
  const folder = await tempFolder();
  const indexFolder = await tempFolder();
  const port = await freePort();
  // The commands must not inherit the variables of npm and mocha, nor settings of the shell.
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|NODE_|PM2_|pm_|MOCHA)/.test(name) && !(name in settings),
  );
  const base = {
    ...Object.fromEntries(inherited),
    PM2_HOME: `${folder.path}/pm2`,
    // Outside the folder, in which tests put dictionaries.
    INDEX_DIR: indexFolder.path,
    PORT: String(port),
    WORKERS: '2',
    // A drain waits until kept connections have been idle for this long.
    KEEP_ALIVE_TIMEOUT_MS: '1000',
  };
  const onHost = host === undefined ? {} : { HOST: host.address };

  const sh = (command: string, env: Record<string, string> = {}) =>
    new Promise<Outcome>((resolve) => {
      const done = (error: ExecFileException | null, stdout: string, stderr: string) =>
        resolve({ status: error === null ? 0 : Number(error.code ?? -1), stdout, stderr });
      const [program = '', ...args] = [...(host?.enter ?? []), 'sh', '-c', command];
      execFile(program, args, { cwd: project, env: { ...base, ...onHost, ...env }, maxBuffer: 1e9 }, done);
    });
  const start = (env?: Record<string, string>) => sh(`'${process.execPath}' dist/src/cli/npm-script.js start`, env);
  const pm2 = (command: string, env?: Record<string, string>) =>
    sh(`'${process.execPath}' '${PROJECT}/node_modules/pm2/bin/pm2' ${command}`, env);
  const workers = async () => {
    let outcome = await pm2('jlist --silent');
    // PM2 fails if a worker exits while it measures the worker's memory.
    for (let attempts = 1; attempts < MAX_LIST_ATTEMPTS && outcome.stdout === ''; attempts += 1)
      outcome = await pm2('jlist --silent');
    return JSON.parse(outcome.stdout);
  };
  const daemons = () => findProcesses(`God Daemon (${base.PM2_HOME})`);
  const leave = async () => {
    await pm2('kill');
    await folder.remove();
    await indexFolder.remove();
  };
  return {
    folder: folder.path,
    port,
    url: `http://${host?.address ?? '127.0.0.1'}:${port}`,
    sh,
    start,
    pm2,
    workers,
    daemons,
    leave,
  };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
