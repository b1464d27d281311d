// Processes that a test forks, tells what to do, and ends.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { PROJECT } from './project.js';
import { type TempFolder, tempFolder } from './temp-folder.js';

export interface Forks {
  /** Where they meet: another one for each test. */
  readonly folder: string;
  /** Starts one and waits until it says something. */
  start: (...args: string[]) => Promise<ChildProcess>;
  /** Tells it something, and waits for what it says. */
  tell: (child: ChildProcess, command: string, argument?: number) => Promise<unknown>;
  /** By the command `end`, or by a signal. */
  end: (child: ChildProcess, signal?: NodeJS.Signals) => Promise<void>;
}

/** @param script a module of test/helpers, which gets the folder as its first argument and commands as messages */
export function useForks(script: string): Forks {
  let folder: TempFolder;
  let children: ChildProcess[] = [];
  beforeEach(async () => {
    folder = await tempFolder();
    children = [];
  });
  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL');
    await folder.remove();
  });
  return {
    get folder() {
      return folder.path;
    },
    start: async (...args) => {
      const child = fork(join(PROJECT, 'dist/test/helpers', script), [folder.path, ...args]);
      children.push(child);
      await once(child, 'message');
      return child;
    },
    tell: async (child, command, argument = 0) => {
      const answered = once(child, 'message');
      child.send([command, argument]);
      return (await answered)[0];
    },
    end: async (child, signal) => {
      const exited = once(child, 'exit');
      if (signal === undefined) child.send(['end', 0]);
      else child.kill(signal);
      await exited;
    },
  };
}
