// Starts grep from a small shell instead of the worker. fork(2) takes longer the more memory the
// parent has, and a worker has a hundred times as much as a shell. This halves the time to start a
// grep, and hardly occupies the worker (see `npm run bench`).
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { assertFreeDescriptors, killGroup } from '../../process/run-program.js';
import { procPathOf, UnlinkedFile } from '../../process/unlinked-file.js';
import { ForkedOutput, type ForkedResult } from './forked-output.js';
import { NOT_FOUND } from './run-grep.js';

export interface ForkedRun {
  /** grep's PATTERNS. */
  terms: readonly string[];
  /** Further options, never chosen by a caller. */
  options: readonly string[];
  /** A file descriptor of this process for the text, which grep reads from its start. */
  text: number;
  /** The maximum output to keep. */
  maxBytes: number;
  /** Whether a failure of the program is to be expected, and says nothing about the servers. */
  mayFail?: boolean;
}

/** Beyond this, the worker itself starts concurrent greps. */
const MAX_SERVERS = 4;
/** How long to start no fork server after a failure, which is likely to recur. */
const BACKOFF_MS = 10_000;

/** A pool of fork servers for one program and its leading arguments. */
export class ForkServers {
  readonly #command: readonly string[];
  readonly #env: Record<string, string>;
  readonly #limits: readonly string[];
  readonly #idle: ForkServer[] = [];
  /** Includes killed servers whose shell has not exited yet. */
  readonly #servers = new Set<ForkServer>();
  #backoffUntilMs = 0;

  /** @param limits the beginning of the command line of a shell, which limits its resources */
  constructor(command: readonly string[], env: Record<string, string>, limits: readonly string[] = []) {
    this.#command = command;
    this.#env = env;
    this.#limits = limits;
  }

  /**
   * Returns `undefined` if no fork server is available or it fails; the caller then starts grep
   * itself. Throws the signal's reason.
   */
  async run(run: ForkedRun, signal: AbortSignal): Promise<ForkedResult | undefined> {
    signal.throwIfAborted();
    if (!run.options.every((word) => SAFE_WORD.test(word))) {
      throw new Error(`Options must be safe in a shell, got: ${run.options.join(' ')}`);
    }
    const server = this.#take();
    if (server === undefined) return undefined;
    const kill = () => server.kill();
    signal.addEventListener('abort', kill, { once: true });
    const result = await server.run(run);
    signal.removeEventListener('abort', kill);
    if (server.isAlive) this.#idle.push(server);
    signal.throwIfAborted();
    // The failure may be due to the run, which the caller's own grep then reports.
    if (result === undefined || (result.status > NOT_FOUND && !run.mayFail)) this.#backOff();
    return result;
  }

  /** Ends the shells and waits for their exit. Must be called after all runs. */
  async close(): Promise<void> {
    for (const server of this.#servers) server.kill();
    await Promise.all([...this.#servers].map(({ exited }) => exited));
  }

  #backOff(): void {
    this.#backoffUntilMs = performance.now() + BACKOFF_MS;
  }

  #take(): ForkServer | undefined {
    for (let server = this.#idle.pop(); server !== undefined; server = this.#idle.pop()) {
      if (server.isAlive) return server;
    }
    if (this.#servers.size >= MAX_SERVERS || performance.now() < this.#backoffUntilMs) return undefined;
    try {
      const server = new ForkServer(this.#command, this.#env, this.#limits);
      this.#servers.add(server);
      server.exited.then(() => this.#servers.delete(server));
      return server;
    } catch {
      this.#backOff();
      return undefined;
    }
  }
}

/** Words without a special meaning in a shell: options, and paths such as `/proc/1/fd/2`. */
const SAFE_WORD = /^[\w/=-]+$/;

/**
 * Runs the command with the words of each input line as arguments, then prints the end marker and
 * the exit status. The first input line is the end marker.
 */
const SCRIPT = `set -f
read -r end
while read -r words; do
  "$@" $words </dev/null
  printf '\\0%s %3d\\n' "$end" "$?"
done`;

type Shell = ChildProcessByStdio<Socket, Socket, null> & { pid: number };

/** One shell. However the worker ends, the shell then reads the end of its input and exits. */
class ForkServer {
  readonly #shell: Shell;
  readonly exited: Promise<void>;
  /** Holds the terms of the current run. */
  readonly #terms = new UnlinkedFile();
  /** Marks the end of a run's output. No text contains it, because it is random and secret. */
  readonly #endMarker = randomBytes(16).toString('hex');
  #output = new ForkedOutput('', 0);
  #resolve: (result: ForkedResult | undefined) => void = () => {};
  #hasEnded = false;

  /** Throws if the system has no more processes, file descriptors or space. */
  constructor(command: readonly string[], env: Record<string, string>, limits: readonly string[]) {
    try {
      this.#shell = startShell(command, env, limits);
    } catch (error) {
      this.#terms.close();
      throw error;
    }
    const { stdin, stdout } = this.#shell;
    this.#shell.unref();
    // If something kills the shell alone, its grep may keep running and hold the output open.
    this.#shell.once('exit', () => this.kill());
    this.exited = new Promise((resolve) => {
      this.#shell.once('close', () => {
        this.#close();
        resolve();
      });
    });
    // A write fails only if the shell has ended, which its exit event reports.
    stdin.on('error', () => {}).write(`${this.#endMarker}\n`);
    stdout.on('data', (chunk: Buffer) => this.#read(chunk));
    this.#unrefPipes();
  }

  get isAlive(): boolean {
    return !this.#hasEnded;
  }

  /** Returns `undefined` if the server ends or the terms can't be written. One run at a time. */
  run({ terms, options, text, maxBytes }: ForkedRun): Promise<ForkedResult | undefined> {
    const words = [...options, '-f', this.#terms.path, '--', procPathOf(text)];
    return new Promise((resolve) => {
      this.#resolve = resolve;
      this.#output = new ForkedOutput(this.#endMarker, maxBytes);
      if (this.#hasEnded || !this.#terms.write(Buffer.from(`${terms.join('\n')}\n`))) return resolve(undefined);
      this.#shell.stdin.ref();
      this.#shell.stdout.ref();
      this.#shell.stdin.write(`${words.join(' ')}\n`);
    });
  }

  /** Kills the shell and its grep. Keeps the worker alive until the shell has exited. */
  kill(): void {
    if (this.#hasEnded) return;
    for (const handle of [this.#shell, this.#shell.stdin, this.#shell.stdout]) handle.ref();
    killGroup(this.#shell.pid);
    this.#close();
  }

  #read(chunk: Buffer): void {
    const status = this.#output.add(chunk);
    if (status === undefined) return;
    this.#unrefPipes();
    this.#resolve({ status, ...this.#output.end() });
  }

  /** An idle server must not keep the worker alive. */
  #unrefPipes(): void {
    this.#shell.stdin.unref();
    this.#shell.stdout.unref();
  }

  #close(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#terms.close();
    this.#resolve(undefined);
  }
}

function startShell(command: readonly string[], env: Record<string, string>, limits: readonly string[]): Shell {
  assertFreeDescriptors();
  const [program = '', ...args] = [...limits, '/bin/sh', '-c', SCRIPT, 'sh', ...command];
  // In its own process group, the shell isn't interrupted by Ctrl-C while the worker drains.
  const shell = spawn(program, args, {
    env,
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  if (shell.pid !== undefined) return shell as Shell;
  shell.once('error', () => {});
  throw new Error('The shell failed to start.');
}
