// One run of an external program: its start, its output as it comes, its end.
import { type ChildProcessByStdio, execFile, type SpawnOptionsWithoutStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { AppError } from '../errors.js';
import { findProgram } from './find-program.js';

export interface ProgramRun {
  /** Absolute path. */
  program: string;
  args: readonly string[];
  cwd?: string;
  /**
   * Whether it could go on for more than a moment after the worker was killed. Then it is started so that it is killed too,
   * which costs about as much again as its start.
   */
  mayTakeLong: boolean;
}

export interface Exit {
  status: number | null;
  /** The signal that ended it, where one did. */
  killedBy: NodeJS.Signals | null;
  /** What it wrote to its standard error, cut to a length that a log can bear. */
  stderr: string;
}

const STDERR_LENGTH = 4096;

/**
 * What the program prints, as it prints it: it waits while nobody reads. Returns how it ended. No shell is involved, so nothing
 * in an argument is special, and its environment is empty but for the C locale. Throws the signal's reason when that aborts,
 * `too_busy` where the system is out of processes. When this has ended, so has the program.
 */
export async function* runProgram(run: ProgramRun, signal: AbortSignal): AsyncGenerator<Buffer, Exit, void> {
  const tether = run.mayTakeLong ? await findTether() : undefined;
  signal.throwIfAborted();
  const [program, args] =
    tether === undefined ? [run.program, run.args] : [tether, [...TETHER, run.program, ...run.args]];
  const child = await start(program, args, {
    cwd: run.cwd,
    env: { LC_ALL: 'C' },
    // A process group of its own: Ctrl-C in a terminal is for the worker, which lets its programs finish.
    detached: true,
  });
  const close = once(child, 'close') as Promise<[status: number | null, killedBy: NodeJS.Signals | null]>;
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (stderr.length < STDERR_LENGTH) stderr += text;
  });

  const kill = () => {
    // The whole group, so that nothing keeps the output open.
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid, 'SIGKILL');
  };
  signal.addEventListener('abort', kill, { once: true });
  try {
    yield* child.stdout as AsyncIterable<Buffer>;
    const [status, killedBy] = await close;
    signal.throwIfAborted();
    return { status, killedBy, stderr: stderr.trim().slice(0, STDERR_LENGTH) };
  } finally {
    signal.removeEventListener('abort', kill);
    kill();
    await close;
  }
}

type Running = ChildProcessByStdio<null, Readable, Readable> & { pid: number };

/** What the system says when it has no process, descriptor or memory left for now. */
const EXHAUSTED = new Set(['EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM']);

async function start(program: string, args: readonly string[], options: SpawnOptionsWithoutStdio): Promise<Running> {
  try {
    const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    // A child that could not be started has neither a pid nor, sometimes, pipes.
    if (child.pid === undefined) throw (await once(child, 'error'))[0];
    return child as Running;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!EXHAUSTED.has(code)) throw error;
    throw new AppError('too_busy', 'The machine can start no more processes just now.', { cause: error });
  }
}

/** setpriv(1): the kernel kills the program when the thread that started it ends, however it ends (PR_SET_PDEATHSIG). */
const TETHER = ['--pdeathsig', 'KILL', '--'];

let tether: Promise<string | undefined> | undefined;

/** util-linux's setpriv, where the machine has it. */
export function findTether(): Promise<string | undefined> {
  tether ??= (async () => {
    const setpriv = await findProgram('setpriv');
    if (setpriv === undefined) return undefined;
    return promisify(execFile)(setpriv, [...TETHER, setpriv, '--version']).then(
      () => setpriv,
      () => undefined,
    );
  })();
  return tether;
}
