// One run of an external program: its start, its output as it comes, its end.
import { type ChildProcessByStdio, execFile, type SpawnOptionsWithoutStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { AppError, isExhausted } from '../errors.js';
import { findProgram } from './find-program.js';

export interface ProgramRun {
  /** Absolute path. */
  program: string;
  args: readonly string[];
  cwd?: string;
  /** All of its environment. */
  env?: Record<string, string>;
  /** Its standard input: a file descriptor, or bytes as they come. Without one, nothing. */
  input?: number | AsyncIterable<Buffer> | undefined;
  /** For a program that could go on for more than a moment, or grow. */
  bounds?: Bounds | undefined;
}

/**
 * The program is killed when the worker is, may have so much memory, and gives way to others. All of that costs about twice its
 * start again.
 */
export interface Bounds {
  memoryBytes: number;
}

export interface Exit {
  status: number | null;
  /** The signal that ended it, where one did. */
  killedBy: NodeJS.Signals | null;
  /** What it wrote to its standard error, cut to a length that a log can bear. */
  stderr: string;
}

const STDERR_LENGTH = 4096;
/** As much of an input is held ahead. */
const FED_BYTES = 1024 * 1024;

/**
 * What the program prints, as it prints it: it waits while nobody reads. Returns how it ended. No shell is involved, so nothing
 * in an argument is special. Throws the signal's reason when that aborts, what the input throws, and `too_busy` where the
 * system is out of processes. When this has ended, so has the program.
 */
export async function* runProgram(run: ProgramRun, signal: AbortSignal): AsyncGenerator<Buffer, Exit, void> {
  const wrap = run.bounds === undefined ? [] : (await findWrappers()).command(run.bounds);
  signal.throwIfAborted();
  const [program = run.program, ...args] = [...wrap, run.program, ...run.args];
  const child = await start(program, args, run);
  if (run.bounds !== undefined) giveWay(child);
  const close = once(child, 'close') as Promise<[status: number | null, killedBy: NodeJS.Signals | null]>;
  const fed = feed(child, run.input);
  // It may fail before anyone waits for it.
  fed.catch(() => {});
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (stderr.length < STDERR_LENGTH) stderr += text;
  });

  let isClosed = false;
  child.once('close', () => {
    isClosed = true;
  });
  // Also when the program itself has ended: what it started may keep the output open.
  const kill = () => {
    if (!isClosed) killGroup(child.pid);
  };
  signal.addEventListener('abort', kill, { once: true });
  try {
    yield* child.stdout as AsyncIterable<Buffer>;
    const [status, killedBy] = await close;
    signal.throwIfAborted();
    await fed;
    return { status, killedBy, stderr: stderr.trim().slice(0, STDERR_LENGTH) };
  } finally {
    signal.removeEventListener('abort', kill);
    kill();
    await close;
    await fed.catch(() => {});
  }
}

/** The most that starting a program takes: both ends of three pipes, and of one on which Node learns that it has started. */
const MAX_SPAWN_DESCRIPTORS = 8;

/**
 * Throws EMFILE if there are too few file descriptors for starting a program: where only the last
 * ones were missing, Node (20.20) would never close the others.
 */
export function assertFreeDescriptors(): void {
  const fds: number[] = [];
  try {
    while (fds.length < MAX_SPAWN_DESCRIPTORS) fds.push(openSync('/', 'r'));
  } finally {
    for (const fd of fds) closeSync(fd);
  }
}

/** Kills a program and all that it has started. */
export function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // Its end may not have been reported yet.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

type Running = ChildProcessByStdio<Writable | null, Readable, Readable> & { pid: number };

async function start(program: string, args: string[], { cwd, env, input }: ProgramRun): Promise<Running> {
  const stdin = input === undefined ? 'ignore' : typeof input === 'number' ? input : 'pipe';
  // A process group of its own: Ctrl-C in a terminal is for the worker, which lets its programs finish.
  const options: SpawnOptionsWithoutStdio = { cwd, env: env ?? {}, detached: true };
  try {
    assertFreeDescriptors();
    const child = spawn(program, args, { ...options, stdio: [stdin, 'pipe', 'pipe'] });
    // A child that could not be started has neither a pid nor, sometimes, pipes.
    if (child.pid === undefined) throw (await once(child, 'error'))[0];
    return child as Running;
  } catch (error) {
    // They may hold a caller's term, and the error may be logged.
    delete (error as { spawnargs?: string[] }).spawnargs;
    if (!isExhausted(error)) throw error;
    throw new AppError('too_busy', 'The machine can start no more processes just now.', { cause: error });
  }
}

/** Rejects when the input fails. A program that has read enough ends its input by itself: that is no failure. */
async function feed({ stdin }: Running, input: ProgramRun['input']): Promise<void> {
  if (stdin === null || typeof input !== 'object') return;
  // While the program reads, what comes next is fetched.
  const read = Readable.from(input, { objectMode: false, highWaterMark: FED_BYTES });
  await pipeline(read, stdin).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  });
}

function giveWay({ pid }: Running): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It has ended already.
  }
}

/** The programs of util-linux that bound another program: each sets something up and then becomes that program. */
interface Wrappers {
  /** Those that the machine lacks. */
  missing: string[];
  command: (bounds: Bounds) => string[];
}

/** setpriv(1): the kernel kills the program when the thread that started it ends, however it ends (PR_SET_PDEATHSIG). */
const TETHER = ['--pdeathsig', 'KILL', '--'];

let wrappers: Promise<Wrappers> | undefined;

export function findWrappers(): Promise<Wrappers> {
  wrappers ??= (async () => {
    const setpriv = await findWorking('setpriv', [...TETHER]);
    const prlimit = await findWorking('prlimit', ['--as=1000000000']);
    return {
      missing: [...(setpriv === undefined ? ['setpriv'] : []), ...(prlimit === undefined ? ['prlimit'] : [])],
      // prlimit(1): memory that can't be had is then for the program to say, in its own words.
      command: ({ memoryBytes }) => [
        ...(setpriv === undefined ? [] : [setpriv, ...TETHER]),
        ...(prlimit === undefined ? [] : [prlimit, `--as=${memoryBytes}`]),
      ],
    };
  })();
  return wrappers;
}

/** A program that is there and can do with these arguments what it is wanted for: start itself. */
async function findWorking(name: string, args: string[]): Promise<string | undefined> {
  const program = await findProgram(name);
  if (program === undefined) return undefined;
  return promisify(execFile)(program, [...args, program, '--version']).then(
    () => program,
    () => undefined,
  );
}
