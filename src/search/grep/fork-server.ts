// Starts grep from a small process. A fork takes the longer the more memory the one has that forks, and a worker has a hundred times that of a shell:
// this takes half as long, and next to nothing of the worker's own time (see `npm run bench`).
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { accessSync, closeSync, constants, ftruncateSync, openSync, unlinkSync, writeSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NOT_FOUND } from './run-grep.js';

export interface ForkedRun {
  /** grep's PATTERNS. */
  terms: readonly string[];
  /** Further options: never a caller's. */
  output: readonly string[];
  /** A file descriptor of this process: the text, which is read from its beginning. */
  text: number;
  /** The most of what grep prints that is kept. */
  mostBytes: number;
}

export interface Forked {
  /** grep's exit status. */
  status: number;
  printed: Buffer;
  /** Whether that is all. */
  isWhole: boolean;
}

/** More at once are started by the worker itself. */
const MOST_SERVERS = 4;
/** Where it does not work it will not work at once. */
const REST_MS = 10_000;

/** Servers for runs of one grep with these arguments before all others. */
export class ForkServers {
  readonly #command: readonly string[];
  readonly #env: Record<string, string>;
  readonly #idle: ForkServer[] = [];
  #nrServers = 0;
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
    else this.#nrServers -= 1;
    signal.throwIfAborted();
    // The run itself may be wrong: who does it another way learns why.
    if (forked === undefined || forked.status > NOT_FOUND) this.#rest();
    return forked;
  }

  #rest(): void {
    this.#restsUntil = performance.now() + REST_MS;
  }

  #take(): ForkServer | undefined {
    for (let server = this.#idle.pop(); server !== undefined; server = this.#idle.pop()) {
      if (server.isAlive) return server;
      this.#nrServers -= 1;
    }
    if (this.#nrServers >= MOST_SERVERS || performance.now() < this.#restsUntil) return undefined;
    try {
      const server = new ForkServer(this.#command, this.#env);
      this.#nrServers += 1;
      return server;
    } catch {
      this.#rest();
      return undefined;
    }
  }
}

/**
 * A word that no shell takes for anything else, and no program for a text of somebody: an option, or a path like `/proc/1/fd/2`
 * (proc_pid_fd(5)): opening that opens the same file anew, also one that has no name any more.
 */
const WORD = /^[\w/-]+$/;

/** Runs the command with the words of each line that it reads, and says after what that has printed that it has ended, and how. */
const SCRIPT = `set -f
read -r end
while read -r words; do
  "$@" $words </dev/null
  printf '\\0%s %3d\\n' "$end" "$?"
done`;

type Shell = ChildProcessByStdio<Socket, Socket, null>;

/** The shell. It ends when the worker does, however that ends: it has read its input to the end then. */
class ForkServer {
  readonly #shell: Shell;
  /** A file without a name, for the terms of the run. */
  readonly #terms: number;
  /** What a run's end begins with. No text holds it: it is drawn for this server, and told to nobody. */
  readonly #end = randomBytes(16).toString('hex');
  #output = new Output('', 0);
  #settle: (forked: Forked | undefined) => void = () => {};
  #hasEnded = false;

  /** Throws where the system has no more processes, files or space. */
  constructor(command: readonly string[], env: Record<string, string>) {
    this.#terms = openNameless();
    try {
      this.#shell = startShell(command, env);
    } catch (error) {
      closeSync(this.#terms);
      throw error;
    }
    const { stdin, stdout } = this.#shell;
    this.#shell.once('close', () => this.#close()).unref();
    // Then it ends, and says so.
    stdin.on('error', () => {}).write(`${this.#end}\n`);
    stdout.on('data', (piece: Buffer) => this.#read(piece));
    this.#wait();
  }

  get isAlive(): boolean {
    return !this.#hasEnded;
  }

  /** Nothing where the server has ended, or could not be told. One run at a time. */
  run({ terms, output, text, mostBytes }: ForkedRun): Promise<Forked | undefined> {
    const words = [...output, '-f', pathOf(this.#terms), '--', pathOf(text)];
    return new Promise((resolve) => {
      this.#settle = resolve;
      this.#output = new Output(this.#end, mostBytes);
      if (this.#hasEnded || !overwrite(this.#terms, `${terms.join('\n')}\n`)) return resolve(undefined);
      const { stdin, stdout } = this.#shell;
      stdin.ref();
      stdout.ref();
      stdin.write(`${words.join(' ')}\n`);
    });
  }

  /** Also what it has started. */
  kill(): void {
    const { pid, exitCode, signalCode } = this.#shell;
    if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, 'SIGKILL');
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
    closeSync(this.#terms);
    this.#settle(undefined);
  }
}

function startShell(command: readonly string[], env: Record<string, string>): Shell {
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

/** What a run prints: its own output, and last the end. */
class Output {
  readonly #begin: Buffer;
  readonly #mostBytes: number;
  readonly #pieces: Buffer[] = [];
  #bytes = 0;
  #last: Buffer = Buffer.alloc(0);

  constructor(end: string, mostBytes: number) {
    this.#begin = Buffer.from(`\0${end} `);
    this.#mostBytes = mostBytes;
  }

  /** The exit status, if this piece is the last one. */
  add(piece: Buffer): number | undefined {
    const endBytes = this.#begin.length + STATUS_BYTES;
    // It may come in two pieces.
    this.#last =
      piece.length >= endBytes ? piece.subarray(-endBytes) : Buffer.concat([this.#last, piece]).subarray(-endBytes);
    if (this.#bytes < this.#mostBytes + endBytes) this.#pieces.push(piece);
    this.#bytes += piece.length;
    return this.#last.indexOf(this.#begin) === 0 ? Number(this.#last.subarray(this.#begin.length)) : undefined;
  }

  end(): Pick<Forked, 'printed' | 'isWhole'> {
    const bytes = this.#bytes - this.#last.length;
    const printed = this.#pieces.length === 1 ? (this.#pieces[0] as Buffer) : Buffer.concat(this.#pieces);
    return { printed: printed.subarray(0, Math.min(bytes, this.#mostBytes)), isWhole: bytes <= this.#mostBytes };
  }
}

const STATUS_BYTES = 4;

function pathOf(fd: number): string {
  return `/proc/${process.pid}/fd/${fd}`;
}

/** In memory: where files are on a disk, making one shorter takes longer than a grep. */
const FOLDERS = ['/dev/shm', tmpdir()];

/** A file of our own that nobody else can open by a name. */
function openNameless(): number {
  const folder = FOLDERS.find(isWritable) ?? tmpdir();
  const path = join(folder, `grepd-${randomUUID()}`);
  const fd = openSync(path, 'wx', 0o600);
  unlinkSync(path);
  return fd;
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Whether there was room for it. */
function overwrite(fd: number, text: string): boolean {
  const bytes = Buffer.from(text);
  try {
    ftruncateSync(fd, 0);
    return writeSync(fd, bytes, 0, bytes.length, 0) === bytes.length;
  } catch {
    return false;
  }
}
