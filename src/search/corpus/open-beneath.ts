// Opens a path below a folder without following symbolic links, even ones swapped in concurrently.
// Node.js lacks openat2(2) with RESOLVE_NO_SYMLINKS. O_NOFOLLOW rejects a link at a path's end;
// a link further up shows in the path of the open file, which Linux reports.
import { closeSync, constants, fstatSync, lstatSync, openSync, readlinkSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

/** Opens a file only to locate it, so its mode doesn't matter (Linux, open(2)). */
const O_PATH = 0o10000000;

/** The folder of this process's open files (proc_pid_fd(5)). */
const OWN_DESCRIPTORS = '/proc/self/fd';

const BIGINT = { bigint: true } as const;

/** Whether the paths of open files can be read from /proc. */
export const hasProc = canReadDescriptorPaths();

/** Returns a path to an open file of this process that stays valid if the file is replaced. */
export function descriptorPath(fd: number): string {
  return `${OWN_DESCRIPTORS}/${fd}`;
}

/**
 * Opens a path below a folder, both free of symbolic links. Returns `undefined` if the path passes
 * through a link or doesn't exist. Throws other system errors. The caller closes the descriptor.
 */
export function openBeneath(folder: string, path: string, flags = 0, isAt = isOpenAt): number | undefined {
  const absolute = join(folder, path);
  let fd: number;
  try {
    // A FIFO must not block the worker, and a terminal must not become its controlling one.
    fd = openSync(absolute, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (error) {
    if (isNotFoundCode(error)) return undefined;
    throw error;
  }
  try {
    if (isAt(fd, absolute)) return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  closeSync(fd);
  return undefined;
}

/** Like `openBeneath`, but returns the status, even of a link or an unreadable file. */
export function statBeneath(folder: string, path: string) {
  const absolute = join(folder, path);
  // Users who can write into the folder don't control the path above it.
  if (!path.includes('/')) return lstatSync(absolute, { ...BIGINT, throwIfNoEntry: false });
  if (!hasProc) return hasLinkAbove(absolute) ? undefined : lstatSync(absolute, { ...BIGINT, throwIfNoEntry: false });
  const fd = openBeneath(folder, path, O_PATH);
  if (fd === undefined) return undefined;
  try {
    return fstatSync(fd, BIGINT);
  } finally {
    closeSync(fd);
  }
}

const NOT_FOUND_CODES = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG']);

/** Whether a system error means that the file doesn't exist. */
export function isNotFoundCode(error: unknown): boolean {
  return NOT_FOUND_CODES.has((error as NodeJS.ErrnoException).code ?? '');
}

function isOpenAt(fd: number, absolute: string): boolean {
  return hasProc ? readlinkSync(descriptorPath(fd)) === absolute : isStillAt(fd, absolute);
}

/** Without /proc: whether the path now leads to the open file. Misses a swap that is undone. */
export function isStillAt(fd: number, absolute: string): boolean {
  try {
    if (hasLinkAbove(absolute)) return false;
    const [opened, now] = [fstatSync(fd, BIGINT), lstatSync(absolute, BIGINT)];
    return opened.ino === now.ino && opened.dev === now.dev;
  } catch (error) {
    if (isNotFoundCode(error)) return false;
    throw error;
  }
}

function hasLinkAbove(absolute: string): boolean {
  return realpathSync.native(join(absolute, '..')) !== join(absolute, '..');
}

function canReadDescriptorPaths(): boolean {
  let fd: number | undefined;
  try {
    fd = openSync('/', constants.O_RDONLY);
    return readlinkSync(descriptorPath(fd)) === '/';
  } catch {
    return false;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
