// The identity and version of a dictionary's file, as found in the file system.
import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';

export interface DictionaryFile {
  /** The path that callers use, relative to the root. */
  path: string;
  /** The path to open, relative to the root and free of links. */
  realPath: string;
  bytes: number;
  modifiedMs: number;
  /** Device and inode: changes when the file is replaced. */
  id: string;
  /** Changes when the file is replaced or modified. */
  version: string;
  /** The change time (ctime). */
  changedMs: number;
}

/**
 * The coarsest timestamp resolution of a file system (vfat). Two changes within it can have the
 * same timestamp.
 */
export const TIMESTAMP_RESOLUTION_MS = 2_000;

/**
 * Combines the versions of a dictionary's files. Returns `undefined` if a file changed so recently
 * that another change might not show in its timestamps.
 */
export function combineVersions(
  files: readonly Pick<DictionaryFile, 'path' | 'version' | 'changedMs'>[],
  nowMs: number,
): string | undefined {
  if (files.some(({ changedMs }) => changedMs > nowMs - TIMESTAMP_RESOLUTION_MS)) return undefined;
  const version = files.map((file) => `${file.path} ${file.version}`).join('\0');
  return files.length === 1 ? version : createHash('sha256').update(version).digest('base64');
}

/**
 * Returns 12 hexadecimal digits that are equal on all machines that have the same files. Like
 * rsync's quick check, it compares paths, sizes, and modification times in whole seconds, since
 * hashing gigabytes of text would take too long. The files must be in search order.
 */
export function computeFingerprint(
  name: string,
  files: readonly Pick<DictionaryFile, 'path' | 'bytes' | 'modifiedMs'>[],
): string {
  const hash = createHash('sha256');
  for (const { path, bytes, modifiedMs } of files) {
    // A path can't contain NUL.
    hash.update(`${path.slice(name.length)}\0${bytes}\0${Math.floor(modifiedMs / 1_000)}\0`);
  }
  return hash.digest('hex').slice(0, 12);
}

/** Two versions of a file, or two files, differ in at least one of these. */
export type FileIdentity = Pick<BigIntStats, 'dev' | 'ino' | 'size' | 'mtimeNs' | 'ctimeNs'>;

/** Takes a fifth of the memory of the whole status. */
export function identityOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): FileIdentity {
  return { dev, ino, size, mtimeNs, ctimeNs };
}

export function idOf({ dev, ino }: Pick<FileIdentity, 'dev' | 'ino'>): string {
  return `${dev}:${ino}`;
}

/** Includes the ctime, which shows a change even if the modification time was set back. */
export function versionOf(stats: FileIdentity): string {
  return `${idOf(stats)}:${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}`;
}

/** The inverse of `versionOf`. */
export function identityOfVersion(version: string): FileIdentity {
  const [dev = 0n, ino = 0n, size = 0n, mtimeNs = 0n, ctimeNs = 0n] = version.split(':').map(BigInt);
  return { dev, ino, size, mtimeNs, ctimeNs };
}

/** Whether both stats have the same version and change time. */
export function isSame(one: FileIdentity, other: FileIdentity): boolean {
  return (
    one.ctimeNs === other.ctimeNs &&
    one.mtimeNs === other.mtimeNs &&
    one.size === other.size &&
    one.ino === other.ino &&
    one.dev === other.dev
  );
}

export function toDictionaryFile(path: string, stats: BigIntStats, realPath = path): DictionaryFile {
  const { size, mtimeMs } = stats;
  const times = { modifiedMs: Number(mtimeMs), changedMs: Number(stats.ctimeMs) };
  return { path, realPath, bytes: Number(size), ...times, id: idOf(stats), version: versionOf(stats) };
}
