// A file of a dictionary, as it was found: which one it is, and which version of it.
import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';

export interface DictionaryFile {
  /** The path that callers use, relative to the root. */
  path: string;
  /** The path to open, relative to the root and free of links. */
  realPath: string;
  bytes: number;
  modifiedMs: number;
  /** Another one when the file was replaced. */
  id: string;
  /** Another one when the file was replaced, or its text changed. */
  version: string;
  /** When anything about it was changed last. */
  changedMs: number;
}

/** The time stamps of file systems are as coarse as this, at worst (vfat): what changes twice in it may look as if it had changed once. */
export const COARSE_MS = 2_000;

/** The version of a dictionary with these files. Nothing where one has changed so lately that another change might not show. */
export function versionOfAll(
  files: readonly Pick<DictionaryFile, 'path' | 'version' | 'changedMs'>[],
  nowMs: number,
): string | undefined {
  if (files.some(({ changedMs }) => changedMs > nowMs - COARSE_MS)) return undefined;
  const version = files.map((file) => `${file.path} ${file.version}`).join('\0');
  return files.length === 1 ? version : createHash('sha256').update(version).digest('base64');
}

/**
 * What tells the texts of a dictionary from others of that name, also on another machine: 12 hexadecimal digits. As rsync's quick check does, it believes the paths
 * within the dictionary, the sizes, and the times of modification in whole seconds, because reading gigabytes to be sure would take too long: what rsync, tar and
 * rclone leave alone is the same here. It takes the files in the order in which they are searched.
 */
export function computeFingerprint(
  name: string,
  files: readonly Pick<DictionaryFile, 'path' | 'bytes' | 'modifiedMs'>[],
): string {
  const hash = createHash('sha256');
  for (const { path, bytes, modifiedMs } of files) {
    // No path has a NUL in it.
    hash.update(`${path.slice(name.length)}\0${bytes}\0${Math.floor(modifiedMs / 1_000)}\0`);
  }
  return hash.digest('hex').slice(0, 12);
}

export function idOf({ dev, ino }: BigIntStats): string {
  return `${dev}:${ino}`;
}

/** The change time (ctime) tells of a change also where the modification time was set back. */
export function versionOf(stats: BigIntStats): string {
  return `${idOf(stats)}:${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}`;
}

/** Whether they would give the same version, and the same time of the last change. */
export function isSame(one: BigIntStats, other: BigIntStats): boolean {
  return (
    one.ctimeNs === other.ctimeNs &&
    one.mtimeNs === other.mtimeNs &&
    one.size === other.size &&
    one.ino === other.ino &&
    one.dev === other.dev
  );
}

export function asFile(path: string, stats: BigIntStats, realPath = path): DictionaryFile {
  const { size, mtimeMs } = stats;
  const times = { modifiedMs: Number(mtimeMs), changedMs: Number(stats.ctimeMs) };
  return { path, realPath, bytes: Number(size), ...times, id: idOf(stats), version: versionOf(stats) };
}
