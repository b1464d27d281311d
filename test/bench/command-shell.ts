// A shell that runs commands one after the other. Starting them from a process as large as a
// benchmark would take milliseconds longer.
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';

export class CommandShell {
  readonly #shell: ChildProcessByStdio<Writable, Readable, null>;

  constructor(env: Record<string, string>) {
    this.#shell = spawn('sh', { env: { PATH: process.env.PATH, ...env }, stdio: ['pipe', 'pipe', 'inherit'] });
  }

  /** Runs a command, and returns its output. */
  async run(command: readonly string[]): Promise<string> {
    this.#shell.stdin.write(`${command.map(quote).join(' ')}; printf '\\0'\n`);
    const chunks: Buffer[] = [];
    for (;;) {
      const [chunk] = (await once(this.#shell.stdout, 'data')) as [Buffer];
      chunks.push(chunk);
      if (chunk.at(-1) === 0) return Buffer.concat(chunks).toString('utf8').slice(0, -1);
    }
  }

  async close(): Promise<void> {
    this.#shell.stdin.end();
    await once(this.#shell, 'close');
  }
}

function quote(argument: string): string {
  return `'${argument.replaceAll("'", `'\\''`)}'`;
}
