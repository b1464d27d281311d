// The folder of all dictionaries: what in it may be read. Every name from outside is checked here before it meets the file system.
import type { BigIntStats } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { AppError, isExhausted } from '../errors.js';

/** Tells where texts come from; never a dictionary or a part of one. */
export const SOURCES = 'SOURCES.md';

/** Its methods throw Absent and Unreadable. */
export class Root {
  /** Absolute, and free of symbolic links. */
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async open(folder: string): Promise<Root> {
    return new Root(await realpath(folder));
  }

  /** What lies directly in it, in byte order. */
  async names(): Promise<string[]> {
    const names = await readdir(this.path).catch((cause) => {
      if (isExhausted(cause)) throw orTooBusy(cause);
      throw new AppError('no_dictionaries', 'The folder of dictionaries can not be read.', { cause });
    });
    return names.sort(inByteOrder);
  }

  /** What is at a path that may be or pass through links. Absent where they lead to what is no part of any dictionary. */
  async look(path: string): Promise<BigIntStats> {
    return this.stat(await this.real(path));
  }

  /** The path, free of links. Absent where it is that of no dictionary or a part of one. */
  async real(path: string): Promise<string> {
    const real = relative(this.path, await realpath(join(this.path, path)).catch(fail));
    if (!isName(real)) throw new Absent();
    await this.goInto(dirname(real));
    return real;
  }

  /** What is at a path without links. */
  async stat(path: string): Promise<BigIntStats> {
    const found = await stat(join(this.path, path), { bigint: true }).catch(fail);
    // root may read everything; what nobody was meant to read is not served by it either.
    const isFolder = found.isDirectory();
    if (isFolder || found.isFile()) {
      if (!isReadable(found) || (isFolder && (Number(found.mode) & ANY_SEARCH) === 0)) throw new Unreadable();
    }
    return found;
  }

  /** Nothing, or Unreadable where nobody was meant to go into a folder, or one above it. */
  async goInto(folder: string): Promise<void> {
    for (let at = folder; at !== '.' && at !== ''; at = dirname(at)) {
      const { mode } = await stat(join(this.path, at)).catch(fail);
      if ((mode & ANY_SEARCH) === 0) throw new Unreadable();
    }
  }
}

/** Whether anyone may read it. */
export function isReadable({ mode }: BigIntStats): boolean {
  return (Number(mode) & ANY_READ) !== 0;
}

/** Whether a name is that of something that lies directly in the root. */
export function isTopName(name: string): boolean {
  return isPart(name) && !name.includes('/') && !name.includes('\0');
}

const ANY_READ = 0o444;
const ANY_SEARCH = 0o111;

/** There is no such thing, or nothing that may be in a dictionary. */
export class Absent extends Error {}
/** It is there, and may not be read. */
export class Unreadable extends Error {}

const ABSENT = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG']);

/** Says it in these words where the system says that something is not there or may not be read. */
export function fail(error: unknown): never {
  if (isDenied(error)) throw new Unreadable(undefined, { cause: error });
  if (isAbsent(error)) throw new Absent(undefined, { cause: error });
  throw orTooBusy(error);
}

/** What the system can't do just now is no bug. */
export function orTooBusy(error: unknown): unknown {
  if (!isExhausted(error)) return error;
  return new AppError('too_busy', 'The machine can open no more files just now.', { cause: error });
}

/** Whether the system says that something may not be read. */
export function isDenied(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EACCES' || code === 'EPERM';
}

/** Whether the system says that there is no such thing. */
export function isAbsent(error: unknown): boolean {
  return ABSENT.has((error as NodeJS.ErrnoException).code ?? '');
}

/** Nothing, where something is not there or may not be read. */
export function ifNotForUs(error: unknown): undefined {
  if (error instanceof Absent || error instanceof Unreadable) return undefined;
  throw error;
}

export function ifAbsent<Value>(error: unknown, value: Value): Value {
  if (error instanceof Absent) return value;
  throw error;
}

/** Whether a name can be that of a dictionary: parts with `/` between, none of them empty, hidden, `.` or `..`. */
export function isName(name: string): boolean {
  return !name.includes('\0') && name.split('/').every(isPart);
}

export function isPart(part: string): boolean {
  return part !== '' && !part.startsWith('.') && part !== SOURCES;
}

// JavaScript compares UTF-16 code units, which puts U+10000 and above before U+E000.
export function inByteOrder(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
