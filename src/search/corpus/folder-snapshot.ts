// The files of a folder as they were found at one time, and whether they are still the same.
import { createHash } from 'node:crypto';
import { type BigIntStats, lstatSync } from 'node:fs';
import { estimatedTextBytes } from './decoding.js';
import { type DictionaryFile, type FileIdentity, isSame, TIMESTAMP_RESOLUTION_MS } from './dictionary-file.js';
import { compareBytes } from './dictionary-root.js';
import { FileTable, TableFile, toMs } from './file-table.js';
import { isLocal } from './local-file-system.js';
import type { Pace } from './pace.js';

const STAT_OPTIONS = { bigint: true, throwIfNoEntry: false } as const;

/** A file or folder that a walk found. */
export interface Found {
  /** The path that callers use, relative to the root. */
  path: string;
  /** The path to open, relative to the root and free of links. */
  realPath: string;
  identity: FileIdentity;
}

/** A symbolic link that a walk found. */
export interface FoundLink {
  path: string;
  /** The path of the link itself, relative to the root. */
  realPath: string;
  /** The file it leads to. `undefined` if that can't be part of a dictionary. */
  target: Found | undefined;
}

/** Everything in a folder that belongs to the dictionary. */
export interface FolderContents {
  /** Without those that links lead to. */
  files: Found[];
  /** The folder itself comes first. */
  folders: Found[];
  links: FoundLink[];
}

/** Returns the file that a link leads to, as in `FoundLink`. */
export type FollowLink = (link: Pick<FoundLink, 'path' | 'realPath'>) => Found | undefined;

export interface SnapshotOptions {
  /** The absolute path of the root. */
  root: string;
  /** A time before the walk began. */
  foundMs: number;
  followLink: FollowLink;
}

/** A folder as it was found. Immutable. */
export class FolderSnapshot {
  /** In byte order of their paths. */
  readonly files: readonly DictionaryFile[];
  /** The size of the files on disk, which may be compressed. */
  readonly bytes: number;
  /** The approximate size of their texts. */
  readonly textBytes: number;
  /** The length of all paths, in UTF-16 code units. */
  readonly pathLength: number;
  /** The latest modification time of the files and of the folder itself. */
  readonly modifiedMs: number;
  /** The path of the folder that callers use: the name of the dictionary. */
  readonly path: string;
  /** The folder, relative to the root and free of links. */
  readonly realPath: string;
  /**
   * Whether every later change will show in the times of a file or folder: all of them last changed
   * long enough ago, and are on file systems of this machine.
   */
  readonly isSettled: boolean;
  readonly #options: SnapshotOptions;
  readonly #links: readonly FoundLink[];
  /** The real paths of the folders. */
  readonly #folders: readonly string[];
  readonly #folderTable: FileTable;
  readonly #fileTable: FileTable;
  readonly #areFilesSettled: boolean;
  #version: string | undefined;

  constructor({ files, folders, links }: FolderContents, options: SnapshotOptions) {
    const { root, foundMs } = options;
    const found = [...files, ...links.flatMap(({ target }) => target ?? [])];
    found.sort((a, b) => compareBytes(a.path, b.path));
    const [folder] = folders as [Found];
    this.#options = options;
    this.#links = links;
    this.#folders = folders.map(({ realPath }) => realPath);
    this.#folderTable = new FileTable(folders);
    this.#fileTable = new FileTable(found);
    this.files = found.map((file, index) => new TableFile(file, this.#fileTable, index));
    this.path = folder.path;
    this.realPath = folder.realPath;
    this.bytes = sumOf(this.files);
    this.textBytes = this.files.reduce((sum, file) => sum + estimatedTextBytes(file), 0);
    this.modifiedMs = this.files.reduce(
      (latest, { modifiedMs }) => Math.max(latest, modifiedMs),
      toMs(folder.identity.mtimeNs),
    );
    this.pathLength = this.files.reduce((sum, { path }) => sum + path.length, 0);
    const settledMs = foundMs - TIMESTAMP_RESOLUTION_MS;
    this.#areFilesSettled = latestChangeMs(found) <= settledMs;
    this.isSettled =
      this.#areFilesSettled && latestChangeMs(folders) <= settledMs && areLocal(root, [...folders, ...found]);
  }

  /** Equal for equal files. `undefined` if a file changed too recently for its times to tell. */
  get version(): string | undefined {
    if (!this.#areFilesSettled) return undefined;
    this.#version ??= this.#computeVersion();
    return this.#version;
  }

  #computeVersion(): string {
    const hash = createHash('sha256');
    // A path can't contain NUL.
    for (const { path, version } of this.files) hash.update(`${path}\0${version}\0`);
    return hash.digest('base64');
  }

  /** Includes the folder itself. */
  get nrOfFolders(): number {
    return this.#folders.length;
  }

  /** The paths of all folders in it. */
  get subfolders(): string[] {
    const [, ...subfolders] = this.#folders;
    return subfolders.map((realPath) => this.path + realPath.slice(this.realPath.length));
  }

  /** Whether a file has the same identity as it had in another snapshot. */
  isSameFile(index: number, other: FolderSnapshot, otherIndex: number): boolean {
    return (
      this.files[index]?.path === other.files[otherIndex]?.path &&
      this.#fileTable.isSame(index, other.#fileTable.read(otherIndex))
    );
  }

  identityOf(index: number): FileIdentity {
    return this.#fileTable.read(index);
  }

  /** Whether an open file is the one that was found, unchanged. */
  isFile(index: number, stats: FileIdentity): boolean {
    return this.#fileTable.isSame(index, stats);
  }

  /** Whether an open folder is the one that was found, unchanged. */
  isFolder(stats: FileIdentity): boolean {
    return this.#folderTable.isSame(0, stats);
  }

  hasSameFiles(other: FolderSnapshot): boolean {
    if (this === other) return true;
    if (this.files.length !== other.files.length) return false;
    return this.files.every((_, index) => this.isSameFile(index, other, index));
  }

  /** Whether a walk would find the same now. */
  async isCurrent(pace: Pace): Promise<boolean> {
    if (!this.isSettled || !(await this.hasSameFolders(pace))) return false;
    for (const { target, ...link } of this.#links) {
      if (pace.isExpired) await pace.yieldToEventLoop();
      if (!isSameTarget(target, this.#options.followLink(link))) return false;
    }
    const { root } = this.#options;
    for (let index = 0; index < this.files.length; index += 1) {
      if (index % FILES_PER_CHECK === 0 && pace.isExpired) await pace.yieldToEventLoop();
      const { realPath } = this.files[index] as DictionaryFile;
      if (!this.#fileTable.isSame(index, lstat(`${root}/${realPath}`))) return false;
    }
    return true;
  }

  /**
   * Whether each folder still has the same entries. If it was settled, nothing in it has been
   * replaced since, not even by a link and back.
   */
  async hasSameFolders(pace: Pace): Promise<boolean> {
    for (const [index, realPath] of this.#folders.entries()) {
      if (pace.isExpired) await pace.yieldToEventLoop();
      if (!this.#folderTable.isSame(index, lstat(`${this.#options.root}/${realPath}`))) return false;
    }
    return true;
  }
}

/** Asking for the time takes a tenth as long as the status of a file. */
const FILES_PER_CHECK = 32;

function sumOf(files: readonly DictionaryFile[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

function latestChangeMs(all: readonly Found[]): number {
  return all.reduce((latest, { identity }) => Math.max(latest, toMs(identity.ctimeNs)), Number.NEGATIVE_INFINITY);
}

function isSameTarget(found: Found | undefined, now: Found | undefined): boolean {
  if (found === undefined || now === undefined) return found === now;
  return found.realPath === now.realPath && isSame(found.identity, now.identity);
}

/** Returns `undefined` if the file is gone or can't be reached. */
function lstat(path: string): BigIntStats | undefined {
  try {
    return lstatSync(path, STAT_OPTIONS);
  } catch {
    return undefined;
  }
}

/** Whether all files are on local file systems. Asks once for each device. */
function areLocal(root: string, all: readonly Found[]): boolean {
  const paths = new Map(all.map(({ realPath, identity }) => [identity.dev, `${root}/${realPath}`]));
  return [...paths.values()].every(isLocal);
}
