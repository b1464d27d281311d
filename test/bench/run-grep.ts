// grep with its output read from a pipe. Into /dev/null, it would stop at the first match.
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';

const NOT_FOUND = 1;
const env = { PATH: process.env.PATH, LC_ALL: 'C' };

/** Returns the output. */
export async function runGrep(args: string[], cwd?: string): Promise<string> {
  const grep = spawn('grep', args, { cwd, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const [output, [status]] = await Promise.all([text(grep.stdout), once(grep, 'close')]);
  if (status > NOT_FOUND) throw new Error(`grep ended with status ${status}`);
  return output;
}

/**
 * A shell that searches a folder with `grep -r`, once per term. Starting grep from a process as
 * large as a benchmark would take milliseconds longer.
 */
export class GrepShell {
  readonly #shell: ChildProcessByStdio<Writable, Readable, null>;

  constructor(folder: string) {
    const script = 'while IFS= read -r term; do grep -rhF -e "$term" -- "$1"; printf "\\0"; done';
    this.#shell = spawn('sh', ['-c', script, 'sh', folder], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  }

  /** Resolves when grep has ended. */
  async run(term: string): Promise<void> {
    this.#shell.stdin.write(`${term}\n`);
    for (;;) {
      const [chunk] = (await once(this.#shell.stdout, 'data')) as [Buffer];
      if (chunk.at(-1) === 0) return;
    }
  }

  async close(): Promise<void> {
    this.#shell.stdin.end();
    await once(this.#shell, 'close');
  }
}
