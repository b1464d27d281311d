// Opens what lies below a folder, and nothing that a symbolic link leads to, whenever the link appears.
//
// Node.js has no openat2(2) with RESOLVE_NO_SYMLINKS. O_NOFOLLOW refuses a link at the end of a path. A link
// further up is noticed once the file is open, because Linux knows the path of every open file.
import { closeSync, constants, fstatSync, lstatSync, openSync, readlinkSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

/** Linux opens a file with it for its status only: without reading it, and whatever its mode (open(2)). */
const O_PATH = 0o10000000;

/** Where this process finds its own open files (proc_pid_fd(5)). */
const OWN_DESCRIPTORS = '/proc/self/fd';

const BIGINT = { bigint: true } as const;

/** Whether the system gives the paths of open files. */
export const hasProc = givesPaths();

/** A path that leads to an open file or folder of this process, whatever takes its name meanwhile. */
export function descriptorPath(fd: number): string {
  return `${OWN_DESCRIPTORS}/${fd}`;
}

/**
 * Opens a path below a folder. Neither may hold symbolic links. Returns `undefined` if the path passes through
 * one, or if nothing is there. Throws other system errors. The caller closes the descriptor.
 */
export function openBeneath(folder: string, path: string, flags = 0, isAt = liesAt): number | undefined {
  const absolute = join(folder, path);
  let fd: number;
  try {
    // A FIFO must not block the worker, and a terminal must not become its controlling one.
    fd = openSync(absolute, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (error) {
    if (isAbsent(error)) return undefined;
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

/** The status of what `openBeneath` would open, also if it is a symbolic link or its mode forbids reading. */
export function statBeneath(folder: string, path: string) {
  const absolute = join(folder, path);
  // Nothing above the folder is under the control of those who may write into it.
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

const ABSENT = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG']);

/** Whether the system says that there is no such file. */
export function isAbsent(error: unknown): boolean {
  return ABSENT.has((error as NodeJS.ErrnoException).code ?? '');
}

function liesAt(fd: number, absolute: string): boolean {
  return hasProc ? readlinkSync(descriptorPath(fd)) === absolute : isStillAt(fd, absolute);
}

/** Without /proc: whether the path leads to the open file now, without links. It may have been another one in between. */
export function isStillAt(fd: number, absolute: string): boolean {
  try {
    if (hasLinkAbove(absolute)) return false;
    const [opened, now] = [fstatSync(fd, BIGINT), lstatSync(absolute, BIGINT)];
    return opened.ino === now.ino && opened.dev === now.dev;
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
}

function hasLinkAbove(absolute: string): boolean {
  return realpathSync.native(join(absolute, '..')) !== join(absolute, '..');
}

function givesPaths(): boolean {
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
