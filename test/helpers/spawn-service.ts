// Runs the service in a child process, like `npm run serve`.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { PROJECT } from './project.js';

export interface Service {
  child: ChildProcess;
  /** Returns everything that it has printed so far. */
  output: () => string;
  /** Returns the logged events with this message. */
  events: (msg: string) => Record<string, unknown>[];
  /** Resolves to the exit status, or to the signal that killed it. */
  exited: Promise<number | string>;
  /** Waits for a condition. Rejects if the service exits before. */
  until: (condition: () => boolean) => Promise<void>;
  /** Waits until it listens, and returns its address. */
  url: () => Promise<string>;
}

/**
 * @param preload a module that the process loads first, with an IPC channel to this process
 * @param enter a command prefix, such as a program that sets something up and then runs the service
 */
export function spawnService(env: Record<string, string>, preload?: string, enter: readonly string[] = []): Service {
  const imports = preload === undefined ? [] : ['--import', preload];
  const entry = join(PROJECT, 'dist/src/entry.js');
  const [program = '', ...args] = [...enter, process.execPath, '--enable-source-maps', ...imports, entry];
  const child = spawn(program, args, {
    cwd: PROJECT,
    // Tests of the index choose a folder of their own for it.
    env: { PATH: process.env.PATH, PORT: '0', INDEX: 'false', ...env },
    stdio: ['ignore', 'pipe', 'pipe', ...(preload === undefined ? [] : ['ipc' as const])],
  }) as ChildProcess & { stdout: Readable; stderr: Readable };
  let text = '';
  let ended = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (data: string) => {
      text += data;
    });
  }
  const exited = once(child, 'close').then(([status, signal]) => {
    ended = true;
    return (status ?? signal) as number | string;
  });

  const events = (msg: string) =>
    text
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter((event) => event.msg === msg);
  const until = async (condition: () => boolean) => {
    while (!condition()) {
      if (ended) throw new Error(`The service exited too early:\n${text}`);
      await sleep(5);
    }
  };
  const url = async () => {
    await until(() => events('listening').length > 0);
    return String(events('listening')[0]?.url);
  };
  return { child, output: () => text, events, exited, until, url };
}
