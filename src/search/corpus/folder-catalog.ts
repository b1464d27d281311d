// Knows the files of folders, and finds out whether they are still the same, which takes a third of
// the time of reading the folders again.
import { type BigIntStats, lstatSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { LRUCache } from 'lru-cache';
import { identityOf } from './dictionary-file.js';
import {
  type DictionaryRoot,
  ForbiddenError,
  isPathComponent,
  isReadable,
  mapFsErrors,
  type ResolvedPath,
  throwFsError,
  valueIfNotFound,
} from './dictionary-root.js';
import { type FolderContents, FolderSnapshot, type FollowLink, type Found } from './folder-snapshot.js';
import type { Pace } from './pace.js';

const STAT_OPTIONS = { bigint: true, throwIfNoEntry: false } as const;

/** Bounds the memory of the catalog. A path takes about twice its length. */
const MAX_BYTES = 64 * 1024 * 1024;
/** What a file takes beside its path. */
const FILE_BYTES = 200;

/** What the catalog holds, for the metrics. */
export interface CatalogCounts {
  folders: number;
  files: number;
  /** The size of packed folders. */
  packedBytes: number;
  /** Look-ups that found a known folder unchanged, and those that had to read it. */
  lookUps: { unchanged: number; read: number };
}

export function createCatalogCounts(): CatalogCounts {
  return { folders: 0, files: 0, packedBytes: 0, lookUps: { unchanged: 0, read: 0 } };
}

export class FolderCatalog {
  readonly #root: DictionaryRoot;
  readonly #counts: CatalogCounts;
  /** By the name of the dictionary. Links can give a folder several names. */
  readonly #snapshots = new LRUCache<string, FolderSnapshot>({
    maxSize: MAX_BYTES,
    sizeCalculation: ({ files, pathLength }, name) => 2 * (name.length + pathLength) + FILE_BYTES * files.length,
  });

  constructor(root: DictionaryRoot, counts: CatalogCounts) {
    this.#root = root;
    this.#counts = counts;
  }

  /** Returns the folder as it was found last, without I/O. It may have changed since. */
  get(name: string): FolderSnapshot | undefined {
    return this.#snapshots.get(name);
  }

  /**
   * Finds the files of a folder. Returns the same snapshot again if nothing has changed. Throws
   * NotFoundError, ForbiddenError, `too_busy`, or the signal's reason.
   *
   * @param resolved the folder that the name leads to now
   */
  async find(name: string, resolved: ResolvedPath, pace: Pace): Promise<FolderSnapshot> {
    const known = this.#snapshots.get(name);
    if (known !== undefined && known.realPath === resolved.path && (await known.isCurrent(pace))) {
      this.#counts.lookUps.unchanged += 1;
      return known;
    }
    this.#counts.lookUps.read += 1;
    this.#snapshots.delete(name);
    try {
      const snapshot = await this.#read({ path: name, realPath: resolved.path }, pace);
      this.#snapshots.set(name, snapshot);
      return snapshot;
    } finally {
      this.#updateCounts();
    }
  }

  /** Must be called when a name no longer leads to a readable folder. */
  forget(name: string): void {
    if (this.#snapshots.delete(name)) this.#updateCounts();
  }

  #updateCounts(): void {
    this.#counts.folders = this.#snapshots.size;
    this.#counts.files = [...this.#snapshots.values()].reduce((sum, { files }) => sum + files.length, 0);
  }

  async #read(folder: Folder, pace: Pace): Promise<FolderSnapshot> {
    const foundMs = Date.now();
    const contents: FolderContents = { files: [], folders: [], links: [] };
    await this.#walk(folder, contents, pace);
    return new FolderSnapshot(contents, { root: this.#root.path, foundMs, followLink: this.#followLink });
  }

  async #walk({ path, realPath }: Folder, contents: FolderContents, pace: Pace): Promise<void> {
    const subfolders: Folder[] = [];
    const opened = this.#root.openFolder(realPath);
    try {
      // Read before the entries: a change in between then shows.
      contents.folders.push({ path, realPath, identity: identityOf(opened.stats) });
      // Decoding may have made distinct non-UTF-8 names equal.
      for (const name of new Set(await readdir(opened.path).catch(throwFsError))) {
        if (pace.isExpired) await pace.yieldToEventLoop();
        if (!isPathComponent(name)) continue;
        const childPath = `${path}/${name}`;
        // Equal strings take memory only once if they are the same.
        const child = { path: childPath, realPath: realPath === path ? childPath : `${realPath}/${name}` };
        const stats = mapFsErrors(() => lstatSync(`${opened.path}/${name}`, STAT_OPTIONS));
        // Like `grep -r`, follow a link to a folder only if the caller names it, to avoid loops.
        if (stats?.isDirectory()) subfolders.push(child);
        else if (stats?.isSymbolicLink()) contents.links.push({ ...child, target: this.#followLink(child) });
        else if (stats?.isFile()) contents.files.push({ ...child, identity: identityOf(assertReadable(stats)) });
      }
    } finally {
      opened.close();
    }
    for (const subfolder of subfolders) {
      await this.#walk(subfolder, contents, pace).catch((error) => valueIfNotFound(error, undefined));
    }
  }

  readonly #followLink: FollowLink = ({ path, realPath }) => {
    try {
      const { path: targetPath, stats } = this.#root.stat(realPath);
      return stats.isFile() ? { path, realPath: targetPath, identity: identityOf(stats) } : undefined;
    } catch (error) {
      return valueIfNotFound(error, undefined);
    }
  };
}

type Folder = Pick<Found, 'path' | 'realPath'>;

function assertReadable(stats: BigIntStats): BigIntStats {
  if (!isReadable(stats)) throw new ForbiddenError();
  return stats;
}
