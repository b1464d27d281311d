// The service as a process of its own, as `npm run serve` runs it.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { PROJECT } from './project.js';

export interface Service {
  child: ChildProcess;
  /** Everything that was printed so far. */
  output: () => string;
  /** The log's events of this name. */
  events: (msg: string) => Record<string, unknown>[];
  /** The exit status, or the name of the signal that ended it. */
  exited: Promise<number | string>;
  /** Waits for something to become true, and fails where the service ends before. */
  until: (condition: () => boolean) => Promise<void>;
  /** Where it listens, once it does. */
  url: () => Promise<string>;
}

/**
 * @param preload a module that the process loads first, and which it may exchange messages with
 * @param enter a program that sets something up and then becomes the service, and its arguments
 */
export function spawnService(env: Record<string, string>, preload?: string, enter: readonly string[] = []): Service {
  const imports = preload === undefined ? [] : ['--import', preload];
  const entry = join(PROJECT, 'dist/src/entry.js');
  const [program = '', ...args] = [...enter, process.execPath, '--enable-source-maps', ...imports, entry];
  const child = spawn(program, args, {
    cwd: PROJECT,
    env: { PATH: process.env.PATH, PORT: '0', ...env },
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
      if (ended) throw new Error(`The service ended too early:\n${text}`);
      await sleep(5);
    }
  };
  const url = async () => {
    await until(() => events('listening').length > 0);
    return String(events('listening')[0]?.url);
  };
  return { child, output: () => text, events, exited, until, url };
}
