// One grep process: its arguments, its output as it comes, its exit status, its end.
import { type ChildProcessByStdio, type SpawnOptionsWithoutStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { AppError } from '../../errors.js';

export interface GrepRun {
  /** The program's absolute path: looking it up in PATH would cost every search. */
  program: string;
  /** Matching options; the operands are added. */
  options: readonly string[];
  /** grep's PATTERN, taken literally. */
  term: string;
  /** Relative to `cwd`. At least one, or grep would read its standard input. */
  files: readonly string[];
  cwd: string;
}

/** grep's exit status for "no line was selected"; 0 is "found", all else is failure (grep(1), EXIT STATUS). */
const NOT_FOUND = 1;

const STDERR_LENGTH = 4096;

/** grep ended by itself with something else than "found" or "not found". */
export class GrepFailed extends Error {
  override readonly name = 'GrepFailed';
}

/**
 * What grep prints, as it prints it: it waits while nobody reads. No shell is involved, so nothing in a term or a file
 * name is special. Throws the signal's reason when that aborts, GrepFailed when grep fails. When this ends, grep has ended.
 */
export async function* runGrep(run: GrepRun, signal: AbortSignal): AsyncGenerator<Buffer, void, void> {
  signal.throwIfAborted();
  // -F: the term as it stands. -a: text, whatever bytes it holds. -h: no file names, however many files there are.
  const args = ['-F', '-a', '-h', ...run.options, '-e', run.term, '--', ...run.files.map((file) => `./${file}`)];
  const grep = await start(run.program, args, {
    cwd: run.cwd,
    // The term is whole UTF-8 characters, and no byte of one can be mistaken for a part of another. So a literal comparison of
    // bytes finds what a comparison of characters finds, and the C locale spares grep loading another one.
    env: { LC_ALL: 'C' },
    // A process group of its own: Ctrl-C in a terminal is for the worker, which lets its searches finish.
    detached: true,
  });
  const exit = once(grep, 'close') as Promise<[code: number | null, signal: NodeJS.Signals | null]>;
  let stderr = '';
  grep.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (stderr.length < STDERR_LENGTH) stderr += text;
  });

  const kill = () => {
    // The whole group, so that nothing keeps the output open.
    if (grep.exitCode === null && grep.signalCode === null) process.kill(-grep.pid, 'SIGKILL');
  };
  signal.addEventListener('abort', kill, { once: true });
  try {
    yield* grep.stdout as AsyncIterable<Buffer>;
    const [code, killedBy] = await exit;
    signal.throwIfAborted();
    if (code !== 0 && code !== NOT_FOUND) throw new GrepFailed(`${killedBy ?? `status ${code}`}: ${stderr.trim()}`);
  } finally {
    signal.removeEventListener('abort', kill);
    kill();
    await exit;
  }
}

type Running = ChildProcessByStdio<null, Readable, Readable> & { pid: number };

/** What the system says when it has no process, descriptor or memory left for now. */
const EXHAUSTED = new Set(['EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM']);

async function start(program: string, args: string[], options: SpawnOptionsWithoutStdio): Promise<Running> {
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
