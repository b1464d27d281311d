// HAProxy as in deploy/haproxy.cfg, but for where it listens and whom it asks, and with a log of who is up.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Place } from './operator.js';
import { PROJECT } from './project.js';

export interface Balancer {
  /** Where it listens. */
  socketPath: string;
  /** Waits until it has marked a machine down, and not up again. */
  untilDown: (server: string) => Promise<void>;
  /** A command for its socket. */
  tell: (command: string) => Promise<string>;
  close: () => Promise<void>;
}

/** The names of the machines in the example. */
export const SERVERS = ['one', 'two', 'three'] as const;

/** Each text in place of the other, which must be there once. */
export function replaceEach(example: string, pairs: readonly (readonly [from: string, to: string])[]): string {
  return pairs.reduce((done, [from, to]) => {
    const parts = done.split(from);
    if (parts.length !== 2) throw new Error(`${parts.length - 1} times in the example: ${from}`);
    return parts.join(to);
  }, example);
}

export const ADMIN_SOCKET = '/run/haproxy/admin.sock';

export const serverLine = (number: number) => `server ${SERVERS[number]} 10.0.0.${11 + number}:3000`;

export async function openBalancer(
  program: string,
  folder: string,
  place: Place,
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
  const [first = '', ...args] = [...place.enter, program, '-db', '-f', file];
  const haproxy: ChildProcess = spawn(first, args, { stdio: ['ignore', output, output] });
  closeSync(output);
  const untilSo = async (isSo: () => boolean) => {
    while (!isSo()) {
      if (haproxy.exitCode !== null) throw new Error(`HAProxy ended: ${readFileSync(logFile, 'utf8')}`);
      await sleep(20);
    }
  };
  await untilSo(() => existsSync(socketPath));

  return {
    socketPath,
    untilDown: (server) => {
      const last = () =>
        readFileSync(logFile, 'utf8')
          .split('\n')
          .findLast((line) => line.startsWith(`Server grepd/${server} `));
      return untilSo(() => last()?.startsWith(`Server grepd/${server} is DOWN`) === true);
    },
    tell: (command) => text(connect(adminSocket).end(`${command}\n`)),
    close: async () => {
      if (haproxy.exitCode === null && haproxy.kill('SIGTERM')) await once(haproxy, 'exit');
    },
  };
}
