// A file for other programs to read, which nobody can open by a name of its own.
import { randomUUID } from 'node:crypto';
import { accessSync, closeSync, constants, ftruncateSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** In memory: where files are on a disk, making one shorter takes longer than a grep. */
const FOLDERS = ['/dev/shm', tmpdir()];

export class UnlinkedFile {
  readonly fd: number;

  /** Throws what the system says where it has no room for files. */
  constructor() {
    const path = join(FOLDERS.find(isWritable) ?? tmpdir(), `grepd-${randomUUID()}`);
    this.fd = openSync(path, 'wx', 0o600);
    unlinkSync(path);
  }

  get path(): string {
    return sharedPathOf(this.fd);
  }

  /** Replaces all that it holds. Returns whether there was room for it. */
  write(bytes: Buffer): boolean {
    try {
      ftruncateSync(this.fd, 0);
      return writeSync(this.fd, bytes, 0, bytes.length, 0) === bytes.length;
    } catch {
      return false;
    }
  }

  close(): void {
    closeSync(this.fd);
  }
}

/** Where other programs of the same user can open a file that is open here, also one that has no name any more (proc_pid_fd(5)): from its beginning. */
export function sharedPathOf(fd: number): string {
  return `/proc/${process.pid}/fd/${fd}`;
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
