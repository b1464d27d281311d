// The dictionaries folder. Every name from a request is checked here before it reaches the file
// system, so no request can read outside the folder.
import { type BigIntStats, closeSync, constants, fstatSync, lstatSync, realpathSync } from 'node:fs';
import { readdir, realpath } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { AppError, isExhausted } from '../../errors.js';
import { descriptorPath, hasProc, isNotFoundCode, openBeneath, statBeneath } from './open-beneath.js';

export { isNotFoundCode };

/** Documents the sources of the texts. It is never part of a dictionary. */
export const SOURCES = 'SOURCES.md';

/** Its methods throw NotFoundError, ForbiddenError, and `too_busy`. */
export class DictionaryRoot {
  /** Absolute, and free of symbolic links. */
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async open(folder: string): Promise<DictionaryRoot> {
    return new DictionaryRoot(await realpath(folder));
  }

  /**
   * Returns the names of its children in byte order. Throws `no_dictionaries` if it isn't readable.
   */
  async names(): Promise<string[]> {
    const names = await readdir(this.path).catch((cause) => {
      if (isExhausted(cause)) throw toAppError(cause);
      throw new AppError('no_dictionaries', 'The dictionaries folder is not readable.', { cause });
    });
    return names.sort(compareBytes);
  }

  /**
   * Finds a file or folder by a path that may contain links. Throws NotFoundError if the target
   * isn't part of a dictionary.
   */
  stat(path: string): ResolvedPath {
    for (let attempts = 1; ; attempts += 1) {
      const real = this.resolve(path);
      try {
        const stats = this.#statResolved(real);
        if (!stats.isSymbolicLink()) return { path: real, stats };
      } catch (error) {
        if (!(error instanceof NotFoundError) || attempts >= MAX_ATTEMPTS) throw error;
      }
      // The path was replaced after it was resolved: resolve it again.
      if (attempts >= MAX_ATTEMPTS) throw new NotFoundError();
    }
  }

  /** Whether there may be something at a path. Much quicker than `stat` if there is nothing. */
  exists(path: string): boolean {
    try {
      return lstatSync(`${this.path}/${path}`, { throwIfNoEntry: false }) !== undefined;
    } catch (error) {
      // The caller's `stat` maps the other errors.
      return !isNotFoundCode(error);
    }
  }

  /**
   * Resolves the links in a path. Throws NotFoundError if the result isn't part of a dictionary.
   */
  resolve(path: string): string {
    const real = relative(
      this.path,
      mapFsErrors(() => realpathSync.native(join(this.path, path))),
    );
    if (!isDictionaryName(real)) throw new NotFoundError();
    this.assertTraversable(dirname(real));
    return real;
  }

  /** Returns the status of a resolved path. Does not follow a link that has replaced it. */
  #statResolved(path: string): BigIntStats {
    const stats = this.lstat(path);
    if (stats.isDirectory()) assertReadableFolder(stats);
    else if (stats.isFile() && !isReadable(stats)) throw new ForbiddenError();
    return stats;
  }

  /** Opens a folder by its resolved path. The empty path is the root. */
  openFolder(path: string): OpenFolder {
    const flags = constants.O_RDONLY | constants.O_DIRECTORY;
    const fd = mapFsErrors(() => openBeneath(this.path, path, flags));
    if (fd === undefined) throw new NotFoundError();
    const folder = new OpenFolder(fd, hasProc ? descriptorPath(fd) : join(this.path, path));
    try {
      if (path !== '') assertReadableFolder(folder.stats);
      return folder;
    } catch (error) {
      folder.close();
      throw error;
    }
  }

  /** Throws ForbiddenError if a folder, or one above it, has no search permission for anyone. */
  assertTraversable(folder: string): void {
    for (let path = folder; path !== '.' && path !== ''; path = dirname(path)) {
      if ((Number(this.lstat(path).mode) & ANY_SEARCH) === 0) throw new ForbiddenError();
    }
  }

  /** Like `stat`, but ignores the mode. */
  lstat(path: string): BigIntStats {
    const stats = mapFsErrors(() => statBeneath(this.path, path));
    if (stats === undefined) throw new NotFoundError();
    return stats;
  }
}

/** How often to resolve a path that keeps changing. */
const MAX_ATTEMPTS = 20;

/** A file or folder of a dictionary, with its links resolved. */
export interface ResolvedPath {
  /** Relative to the root, and free of links. */
  path: string;
  stats: BigIntStats;
}

/** An open folder. It stays the same folder even if its path is replaced. */
export class OpenFolder {
  /** A path to the folder, for its children and as a working directory. */
  readonly path: string;
  readonly #fd: number;

  constructor(fd: number, path: string) {
    this.#fd = fd;
    this.path = path;
  }

  get stats(): BigIntStats {
    return fstatSync(this.#fd, { bigint: true });
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/** Checks the mode, because root can open even folders that nobody has permission to read. */
function assertReadableFolder(stats: BigIntStats): void {
  if (!isReadable(stats) || (Number(stats.mode) & ANY_SEARCH) === 0) throw new ForbiddenError();
}

/** Whether anyone may read it. */
export function isReadable({ mode }: BigIntStats): boolean {
  return (Number(mode) & ANY_READ) !== 0;
}

/** Whether a direct child of the root can have this name. */
export function isTopLevelName(name: string): boolean {
  return isPathComponent(name) && name.length <= MAX_NAME_BYTES && !name.includes('/') && !name.includes('\0');
}

const ANY_READ = 0o444;
const ANY_SEARCH = 0o111;

/** The path doesn't exist, or can't be part of a dictionary. */
export class NotFoundError extends Error {}
/** The path exists, but isn't readable. */
export class ForbiddenError extends Error {}

/** Maps a system error to ForbiddenError, NotFoundError or `too_busy`, and throws it. */
export function throwFsError(error: unknown): never {
  if (isForbiddenCode(error)) throw new ForbiddenError(undefined, { cause: error });
  if (isNotFoundCode(error)) throw new NotFoundError(undefined, { cause: error });
  throw toAppError(error);
}

/** Runs synchronous work, and maps its system errors like `throwFsError`. */
export function mapFsErrors<Value>(work: () => Value): Value {
  try {
    return work();
  } catch (error) {
    return throwFsError(error);
  }
}

/** Maps an error about an exhausted system limit to `too_busy`. Returns others unchanged. */
export function toAppError(error: unknown): unknown {
  if (!isExhausted(error)) return error;
  return new AppError('too_busy', 'The machine has run out of file descriptors. Try again later.', { cause: error });
}

/** Whether an error means that a system limit is exhausted for now. */
export function isTooBusy(error: unknown): boolean {
  return error instanceof AppError && error.code === 'too_busy';
}

/** Whether a system error means that permission is denied. */
export function isForbiddenCode(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EACCES' || code === 'EPERM';
}

/** Returns `undefined` for NotFoundError and ForbiddenError, and throws any other error. */
export function undefinedIfInaccessible(error: unknown): undefined {
  if (error instanceof NotFoundError || error instanceof ForbiddenError) return undefined;
  throw error;
}

/** Returns `value` for NotFoundError, and throws any other error. */
export function valueIfNotFound<Value>(error: unknown, value: Value): Value {
  if (error instanceof NotFoundError) return value;
  throw error;
}

/** PATH_MAX on Linux. */
const MAX_NAME_BYTES = 4096;

/** Whether a dictionary can have this name: no path component is empty or hidden. */
export function isDictionaryName(name: string): boolean {
  return !isTooLong(name) && !name.includes('\0') && name.split('/').every(isPathComponent);
}

function isTooLong(name: string): boolean {
  // UTF-8 never takes fewer bytes than UTF-16 has code units, so this check is a fast path.
  return name.length > MAX_NAME_BYTES || Buffer.byteLength(name) > MAX_NAME_BYTES;
}

/** Whether a dictionary's path can have this component. Hidden ones include `.` and `..`. */
export function isPathComponent(name: string): boolean {
  return name !== '' && !name.startsWith('.') && name !== SOURCES;
}

/** Compares names by their UTF-8 bytes. */
export function compareBytes(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const [left, right] = [a.charCodeAt(index), b.charCodeAt(index)];
    if (left !== right) return rankOf(left) - rankOf(right);
  }
  return a.length - b.length;
}

/** Ranks surrogates, which encode U+10000 and above, after U+FFFF, as in UTF-8. */
function rankOf(codeUnit: number): number {
  return (codeUnit & 0xf800) === 0xd800 ? codeUnit + 0x10000 : codeUnit;
}
