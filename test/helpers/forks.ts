// Child processes that tests fork, send commands to, and stop.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { PROJECT } from './project.js';
import { type TempFolder, tempFolder } from './temp-folder.js';

export interface Forks {
  /** The directory that the children share; a new one for each test. */
  readonly directory: string;
  /** Starts a child and waits for its first message. */
  start: (...args: string[]) => Promise<ChildProcess>;
  /** Sends a command and returns the response. */
  send: (child: ChildProcess, command: string, argument?: number) => Promise<unknown>;
  /** Stops a child by the command `end` or by a signal, and waits until it has exited. */
  stop: (child: ChildProcess, signal?: NodeJS.Signals) => Promise<void>;
}

/**
 * @param script a module of test/helpers; it gets the directory as its first argument, commands as
 * messages
 */
export function useForks(script: string): Forks {
  let directory: TempFolder;
  let children: ChildProcess[] = [];
  beforeEach(async () => {
    directory = await tempFolder();
    children = [];
  });
  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL');
    await directory.remove();
  });
  return {
    get directory() {
      return directory.path;
    },
    start: async (...args) => {
      const child = fork(join(PROJECT, 'dist/test/helpers', script), [directory.path, ...args]);
      children.push(child);
      await once(child, 'message');
      return child;
    },
    send: async (child, command, argument = 0) => {
      const response = once(child, 'message');
      child.send([command, argument]);
      return (await response)[0];
    },
    stop: async (child, signal) => {
      const exited = once(child, 'exit');
      if (signal === undefined) child.send(['end', 0]);
      else child.kill(signal);
      await exited;
    },
  };
}
