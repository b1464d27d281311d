// Runs an external program and streams its output.
import { type ChildProcessByStdio, type SpawnOptionsWithoutStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError, isExhausted } from '../errors.js';
import { findWrappers, lowerPriority, type ResourceLimits } from './resource-limits.js';

export interface ProgramRun {
  /** Absolute path. */
  program: string;
  args: readonly string[];
  cwd?: string;
  /** The whole environment. */
  env?: Record<string, string>;
  /** The standard input, as a file descriptor or a stream of bytes. Empty by default. */
  input?: number | AsyncIterable<Buffer> | undefined;
  /** Set for a program that could run for long, or use much memory. */
  limits?: ResourceLimits | undefined;
}

export interface Exit {
  status: number | null;
  /** The signal that killed the program, if any. */
  killedBy: NodeJS.Signals | null;
  /** The beginning of its standard error. */
  stderr: string;
}

const MAX_STDERR_LENGTH = 4096;
/** How much input is read ahead. */
const INPUT_BUFFER_BYTES = 1024 * 1024;

/**
 * Yields a program's output with backpressure, and returns its exit. Uses no shell. The program has
 * exited when the generator has. Throws the signal's reason if it aborts, errors of the input, and
 * `too_busy` if the system is out of processes.
 */
export async function* runProgram(run: ProgramRun, signal: AbortSignal): AsyncGenerator<Buffer, Exit, void> {
  const wrapper = run.limits === undefined ? [] : (await findWrappers()).command(run.limits);
  signal.throwIfAborted();
  const [program = run.program, ...args] = [...wrapper, run.program, ...run.args];
  const child = await start(program, args, run);
  if (run.limits !== undefined) lowerPriority(child.pid);
  const close = once(child, 'close') as Promise<[status: number | null, killedBy: NodeJS.Signals | null]>;
  const written = writeInput(child, run.input);
  // Avoids an unhandled rejection if it fails before it is awaited.
  written.catch(() => {});
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (stderr.length < MAX_STDERR_LENGTH) stderr += text;
  });

  let isClosed = false;
  child.once('close', () => {
    isClosed = true;
  });
  // Kill even if the program itself has exited: its children may keep the output open.
  const kill = () => {
    if (!isClosed) killGroup(child.pid);
  };
  signal.addEventListener('abort', kill, { once: true });
  try {
    yield* child.stdout as AsyncIterable<Buffer>;
    const [status, killedBy] = await close;
    signal.throwIfAborted();
    await written;
    return { status, killedBy, stderr: stderr.trim().slice(0, MAX_STDERR_LENGTH) };
  } finally {
    signal.removeEventListener('abort', kill);
    kill();
    await close;
    await written.catch(() => {});
  }
}

/** Both ends of three pipes, and of the one that reports to Node whether the start succeeded. */
const MAX_SPAWN_DESCRIPTORS = 8;

/**
 * Throws EMFILE if there are too few free file descriptors to start a program. If Node (20.20) runs
 * out of them during a spawn, it leaks those that it has opened.
 */
export function assertFreeDescriptors(): void {
  const fds: number[] = [];
  try {
    while (fds.length < MAX_SPAWN_DESCRIPTORS) fds.push(openSync('/', 'r'));
  } finally {
    for (const fd of fds) closeSync(fd);
  }
}

/** Kills a program and its children. */
export function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // It has exited, and Node hasn't reported that yet.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

type Running = ChildProcessByStdio<Writable | null, Readable, Readable> & { pid: number };

async function start(program: string, args: string[], { cwd, env, input }: ProgramRun): Promise<Running> {
  const stdin = input === undefined ? 'ignore' : typeof input === 'number' ? input : 'pipe';
  // In its own process group, a program isn't interrupted by Ctrl-C while the worker drains.
  const options: SpawnOptionsWithoutStdio = { cwd, env: env ?? {}, detached: true };
  try {
    assertFreeDescriptors();
    const child = spawn(program, args, { ...options, stdio: [stdin, 'pipe', 'pipe'] });
    // If the start fails, the child has no pid, and may lack pipes.
    if (child.pid === undefined) throw (await once(child, 'error'))[0];
    return child as Running;
  } catch (error) {
    // The error may be logged, and its arguments may contain a caller's term.
    delete (error as { spawnargs?: string[] }).spawnargs;
    if (!isExhausted(error)) throw error;
    throw new AppError('too_busy', "The machine can't start more processes right now.", { cause: error });
  }
}

/** Rejects if the input fails, but not if the program exits or closes its input early. */
async function writeInput({ stdin }: Running, input: ProgramRun['input']): Promise<void> {
  if (stdin === null || typeof input !== 'object') return;
  // The buffer fills while the program is busy with earlier input.
  const source = Readable.from(input, { objectMode: false, highWaterMark: INPUT_BUFFER_BYTES });
  await pipeline(source, stdin).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  });
}
