// A temporary file without a name: other programs open it through /proc, and it disappears with
// this process.
import { randomUUID } from 'node:crypto';
import { accessSync, closeSync, constants, ftruncateSync, openSync, statfsSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** In memory if possible: on a disk, truncating a file takes longer than a grep. */
const DIRECTORIES = ['/dev/shm', tmpdir()];

export class UnlinkedFile {
  readonly fd: number;

  /** Throws a system error if the file can't be created. */
  constructor() {
    const path = join(findDirectory(), `grepd-${randomUUID()}`);
    this.fd = openSync(path, 'wx', 0o600);
    unlinkSync(path);
  }

  /** Returns `undefined` if the file can't be created, or there is no space for its content. */
  static tryCreate(content: Buffer = Buffer.alloc(0)): UnlinkedFile | undefined {
    let file: UnlinkedFile;
    try {
      file = new UnlinkedFile();
    } catch {
      return undefined;
    }
    if (file.write(content)) return file;
    file.close();
    return undefined;
  }

  get path(): string {
    return procPathOf(this.fd);
  }

  /** Replaces the content. Returns whether all of it could be written. */
  write(bytes: Buffer): boolean {
    try {
      ftruncateSync(this.fd, 0);
      return writeSync(this.fd, bytes, 0, bytes.length, 0) === bytes.length;
    } catch {
      return false;
    }
  }

  /** Writes a part of the content. Returns whether all of it could be written. */
  writeAt(bytes: Buffer, position: number): boolean {
    try {
      return writeSync(this.fd, bytes, 0, bytes.length, position) === bytes.length;
    } catch {
      return false;
    }
  }

  close(): void {
    closeSync(this.fd);
  }
}

/**
 * Returns a path under which programs of the same user can open a file that is open here, even an
 * unlinked one (proc_pid_fd(5)). They read from its beginning.
 */
export function procPathOf(fd: number): string {
  return `/proc/${process.pid}/fd/${fd}`;
}

/** Returns how much space there is for such files, which all workers share. */
export function freeBytes(): number {
  try {
    const { bavail, bsize } = statfsSync(findDirectory());
    return bavail * bsize;
  } catch {
    return 0;
  }
}

function findDirectory(): string {
  return DIRECTORIES.find(isWritable) ?? tmpdir();
}

function isWritable(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
