// Where indexes are on disk: a folder for each dictionaries folder, and in it a file for each
// dictionary, and a link to the dictionaries folder. Services can share them.
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, rmSync, type Stats, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { isRunning, processIdentity } from '../../concurrency/process-identity.js';

/** The folder of the indexes of a dictionaries folder. */
export const STORE_FOLDER = /^[0-9a-f]{16}$/;
/** A link, because creating one with its target is atomic and needs no disk space. */
export const ROOT_LINK = 'root';
export const LOCK = 'lock';
const SUFFIX = '.index';
/** The name of a draft begins with that of its index, and ends with the process that writes it. */
const DRAFT = /^([0-9a-f]+)\.draft-(.+)$/;
const NAME_DIGITS = 32;
const FOLDER_DIGITS = 16;

export interface StoredIndex {
  path: string;
  bytes: number;
  modifiedMs: number;
}

export class IndexStore {
  readonly #root: string;
  readonly #folder: string;

  /**
   * @param dir the folder of all indexes
   * @param root the dictionaries folder, as an absolute path free of links
   */
  constructor(dir: string, root: string) {
    this.#root = root;
    this.#folder = join(dir, digest(root, FOLDER_DIGITS));
  }

  /** Throws system errors. */
  create(): void {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    try {
      symlinkSync(this.#root, join(this.#folder, ROOT_LINK));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }

  /** The lock that a process holds while it builds or removes indexes. */
  get lockPath(): string {
    return join(this.#folder, LOCK);
  }

  pathOf(dictionary: string): string {
    return join(this.#folder, digest(dictionary, NAME_DIGITS) + SUFFIX);
  }

  /** Returns the path at which this process writes an index before it replaces the old one. */
  draftPathOf(dictionary: string): string {
    return join(this.#folder, `${digest(dictionary, NAME_DIGITS)}.draft-${processIdentity(process.pid)}`);
  }

  /** Returns the indexes, the oldest first. */
  list(): StoredIndex[] {
    const indexes: StoredIndex[] = [];
    for (const name of this.#names()) {
      if (!name.endsWith(SUFFIX)) continue;
      const path = join(this.#folder, name);
      const stats = lstat(path);
      if (stats?.isFile()) indexes.push({ path, bytes: stats.size, modifiedMs: stats.mtimeMs });
    }
    return indexes.sort((a, b) => a.modifiedMs - b.modifiedMs);
  }

  /** The size of all indexes. */
  get bytes(): number {
    return this.list().reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Returns when the index of a dictionary was built, or 0. */
  modifiedMs(dictionary: string): number {
    return lstat(this.pathOf(dictionary))?.mtimeMs ?? 0;
  }

  /** Whether a process is writing the index of a dictionary. */
  isBuilding(dictionary: string): boolean {
    const digits = digest(dictionary, NAME_DIGITS);
    return this.#names().some((name) => {
      const [, index, writer] = DRAFT.exec(name) ?? [];
      return index === digits && writer !== undefined && isRunning(writer);
    });
  }

  /** Removes the indexes of other dictionaries than these. Returns their number. */
  removeExcept(dictionaries: readonly string[]): number {
    const kept = new Set(dictionaries.map((dictionary) => this.pathOf(dictionary)));
    const gone = this.list().filter(({ path }) => !kept.has(path));
    for (const { path } of gone) rmSync(path, { force: true });
    return gone.length;
  }

  /** Returns whether there was an index. */
  remove(dictionary: string): boolean {
    const path = this.pathOf(dictionary);
    const exists = lstat(path) !== undefined;
    rmSync(path, { force: true });
    return exists;
  }

  /** Removes what processes that have ended left behind. */
  removeDrafts(): void {
    for (const name of this.#names()) {
      const [, , writer] = DRAFT.exec(name) ?? [];
      if (writer !== undefined && !isRunning(writer)) rmSync(join(this.#folder, name), { force: true });
    }
  }

  #names(): string[] {
    try {
      return readdirSync(this.#folder);
    } catch {
      // Nothing has been built.
      return [];
    }
  }
}

/** Returns `undefined` if there is nothing, or if it can't be accessed. */
function lstat(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}

function digest(text: string, digits: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, digits);
}
