// Starts grep from a small process. A fork takes the longer the more memory the one has that forks, and a worker has a hundred times that of a shell:
// this takes half as long, and next to nothing of the worker's own time (see `npm run bench`).
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { assertFreeDescriptors, killGroup } from '../../process/run-program.js';
import { sharedPathOf, UnlinkedFile } from '../../process/unlinked-file.js';
import { type Forked, ForkedOutput } from './forked-output.js';
import { NOT_FOUND } from './run-grep.js';

export interface ForkedRun {
  /** grep's PATTERNS. */
  terms: readonly string[];
  /** Further options: never a caller's. */
  output: readonly string[];
  /** A file descriptor of this process: the text, which is read from its beginning. */
  text: number;
  /** The most of what grep prints that is kept. */
  maxBytes: number;
}

/** More at once are started by the worker itself. */
const MAX_SERVERS = 4;
/** Where it does not work it will not work at once. */
const REST_MS = 10_000;

/** Servers for runs of one grep with these arguments before all others. */
export class ForkServers {
  readonly #command: readonly string[];
  readonly #env: Record<string, string>;
  readonly #idle: ForkServer[] = [];
  /** Those whose shell has not exited. */
  readonly #servers = new Set<ForkServer>();
  #restsUntil = 0;

  constructor(command: readonly string[], env: Record<string, string>) {
    this.#command = command;
    this.#env = env;
  }

  /** Nothing where it can't be done this way now: there is another. Throws the signal's reason. */
  async run(run: ForkedRun, signal: AbortSignal): Promise<Forked | undefined> {
    signal.throwIfAborted();
    if (!run.output.every((word) => WORD.test(word))) {
      throw new Error(`These are no words for a shell: ${run.output.join(' ')}`);
    }
    const server = this.#take();
    if (server === undefined) return undefined;
    const kill = () => server.kill();
    signal.addEventListener('abort', kill, { once: true });
    const forked = await server.run(run);
    signal.removeEventListener('abort', kill);
    if (server.isAlive) this.#idle.push(server);
    signal.throwIfAborted();
    // The run itself may be wrong: who does it another way learns why.
    if (forked === undefined || forked.status > NOT_FOUND) this.#rest();
    return forked;
  }

  /** Ends the shells and waits for their exit. No run may follow, or be in progress. */
  async close(): Promise<void> {
    for (const server of this.#servers) server.kill();
    await Promise.all([...this.#servers].map(({ exited }) => exited));
  }

  #rest(): void {
    this.#restsUntil = performance.now() + REST_MS;
  }

  #take(): ForkServer | undefined {
    for (let server = this.#idle.pop(); server !== undefined; server = this.#idle.pop()) {
      if (server.isAlive) return server;
    }
    if (this.#servers.size >= MAX_SERVERS || performance.now() < this.#restsUntil) return undefined;
    try {
      const server = new ForkServer(this.#command, this.#env);
      this.#servers.add(server);
      server.exited.then(() => this.#servers.delete(server));
      return server;
    } catch {
      this.#rest();
      return undefined;
    }
  }
}

/** A word that no shell takes for anything else: an option, or a path like `/proc/1/fd/2`. */
const WORD = /^[\w/-]+$/;

/** Runs the command with the words of each line that it reads, and says after what that has printed that it has ended, and how. */
const SCRIPT = `set -f
read -r end
while read -r words; do
  "$@" $words </dev/null
  printf '\\0%s %3d\\n' "$end" "$?"
done`;

type Shell = ChildProcessByStdio<Socket, Socket, null> & { pid: number };

/** The shell. It ends when the worker does, however that ends: it has read its input to the end then. */
class ForkServer {
  readonly #shell: Shell;
  readonly exited: Promise<void>;
  /** For the terms of the run. */
  readonly #terms = new UnlinkedFile();
  /** What a run's end begins with. No text holds it: it is drawn for this server, and told to nobody. */
  readonly #end = randomBytes(16).toString('hex');
  #output = new ForkedOutput('', 0);
  #settle: (forked: Forked | undefined) => void = () => {};
  #hasEnded = false;

  /** Throws where the system has no more processes, files or space. */
  constructor(command: readonly string[], env: Record<string, string>) {
    try {
      this.#shell = startShell(command, env);
    } catch (error) {
      this.#terms.close();
      throw error;
    }
    const { stdin, stdout } = this.#shell;
    this.#shell.unref();
    // Where it is killed, its grep may go on and keep the output open.
    this.#shell.once('exit', () => this.kill());
    this.exited = new Promise((resolve) => {
      this.#shell.once('close', () => {
        this.#close();
        resolve();
      });
    });
    // Then it ends, and says so.
    stdin.on('error', () => {}).write(`${this.#end}\n`);
    stdout.on('data', (piece: Buffer) => this.#read(piece));
    this.#wait();
  }

  get isAlive(): boolean {
    return !this.#hasEnded;
  }

  /** Nothing where the server has ended, or could not be told. One run at a time. */
  run({ terms, output, text, maxBytes }: ForkedRun): Promise<Forked | undefined> {
    const words = [...output, '-f', this.#terms.path, '--', sharedPathOf(text)];
    return new Promise((resolve) => {
      this.#settle = resolve;
      this.#output = new ForkedOutput(this.#end, maxBytes);
      if (this.#hasEnded || !this.#terms.write(Buffer.from(`${terms.join('\n')}\n`))) return resolve(undefined);
      this.#shell.stdin.ref();
      this.#shell.stdout.ref();
      this.#shell.stdin.write(`${words.join(' ')}\n`);
    });
  }

  /** Also what it has started. Keeps the worker alive until the shell has exited. */
  kill(): void {
    if (this.#hasEnded) return;
    for (const handle of [this.#shell, this.#shell.stdin, this.#shell.stdout]) handle.ref();
    killGroup(this.#shell.pid);
    this.#close();
  }

  #read(piece: Buffer): void {
    const status = this.#output.add(piece);
    if (status === undefined) return;
    this.#wait();
    this.#settle({ status, ...this.#output.end() });
  }

  /** Keeps nothing alive meanwhile. */
  #wait(): void {
    this.#shell.stdin.unref();
    this.#shell.stdout.unref();
  }

  #close(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#terms.close();
    this.#settle(undefined);
  }
}

function startShell(command: readonly string[], env: Record<string, string>): Shell {
  assertFreeDescriptors();
  // A process group of its own: Ctrl-C in a terminal is for the worker, which lets its programs finish.
  const shell = spawn('/bin/sh', ['-c', SCRIPT, 'sh', ...command], {
    env,
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  if (shell.pid !== undefined) return shell as Shell;
  shell.once('error', () => {});
  throw new Error('The shell could not be started.');
}
