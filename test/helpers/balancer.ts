// HAProxy with deploy/haproxy.cfg, except for its addresses, and with a log of which servers are
// up.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Host } from './operator.js';
import { PROJECT } from './project.js';

export interface Balancer {
  /** The socket that it listens on. */
  socketPath: string;
  /** Waits until HAProxy has marked a server down, and not up again. */
  untilDown: (server: string) => Promise<void>;
  /** Sends a command to the admin socket, and returns the response. */
  send: (command: string) => Promise<string>;
  close: () => Promise<void>;
}

/** The names of the servers in the example. */
export const SERVERS = ['one', 'two', 'three'] as const;

/** Replaces each text by another. Throws unless it occurs exactly once. */
export function replaceEach(example: string, pairs: readonly (readonly [from: string, to: string])[]): string {
  return pairs.reduce((result, [from, to]) => {
    const parts = result.split(from);
    if (parts.length !== 2) throw new Error(`The example contains this ${parts.length - 1} times: ${from}`);
    return parts.join(to);
  }, example);
}

export const ADMIN_SOCKET = '/run/haproxy/admin.sock';

export const serverLine = (number: number) => `server ${SERVERS[number]} 10.0.0.${11 + number}:3000`;

export async function openBalancer(
  program: string,
  folder: string,
  host: Host,
  addresses: readonly string[],
): Promise<Balancer> {
  const socketPath = join(folder, 'http');
  const adminSocket = join(folder, 'admin');
  const config = replaceEach(readFileSync(join(PROJECT, 'deploy/haproxy.cfg'), 'utf8'), [
    [ADMIN_SOCKET, adminSocket],
    ['bind :80', `bind unix@${socketPath}`],
    ['\nbackend grepd', '\nbackend grepd\n    log stdout format raw local0'],
    ...addresses.map((address, number) => [serverLine(number), `server ${SERVERS[number]} ${address}`] as const),
  ]);
  const file = join(folder, 'haproxy.cfg');
  writeFileSync(file, config);
  const logFile = join(folder, 'log');
  const output = openSync(logFile, 'a');
  const [first = '', ...args] = [...host.enter, program, '-db', '-f', file];
  const haproxy: ChildProcess = spawn(first, args, { stdio: ['ignore', output, output] });
  closeSync(output);
  const until = async (condition: () => boolean) => {
    while (!condition()) {
      if (haproxy.exitCode !== null) throw new Error(`HAProxy exited: ${readFileSync(logFile, 'utf8')}`);
      await sleep(20);
    }
  };
  await until(() => existsSync(socketPath));

  return {
    socketPath,
    untilDown: (server) => {
      const last = () =>
        readFileSync(logFile, 'utf8')
          .split('\n')
          .findLast((line) => line.startsWith(`Server grepd/${server} `));
      return until(() => last()?.startsWith(`Server grepd/${server} is DOWN`) === true);
    },
    send: (command) => text(connect(adminSocket).end(`${command}\n`)),
    close: async () => {
      if (haproxy.exitCode === null && haproxy.kill('SIGTERM')) await once(haproxy, 'exit');
    },
  };
}
