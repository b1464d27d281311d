// Opens files of a folder for one grep. Passing open files instead of names prevents link swaps.
import { closeSync, constants, fstatSync, openSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { TimeSlice } from '../../../concurrency/time-slice.js';
import { procPathOf } from '../../../process/unlinked-file.js';
import { copyText, readMark } from '../../corpus/byte-order-mark.js';
import type { DictionaryFile } from '../../corpus/dictionary-file.js';
import { type DictionaryRoot, mapFsErrors, NotFoundError, type OpenFolder } from '../../corpus/dictionary-root.js';
import { hasProc } from '../../corpus/open-beneath.js';

const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY | constants.O_NOFOLLOW;

/** The maximum size of the copies for one grep. */
export const MAX_COPIES_BYTES = 4 * 1024 * 1024;

/** Files that grep opens by paths. */
export interface GrepFiles {
  /** What grep opens, in the order of the files. */
  readonly operands: readonly string[];
  /** grep's working directory, if the operands are relative. */
  readonly cwd?: string;
  /** Returns the path that callers use for a path that grep prints. */
  pathOf(printed: string): string;
  /** Must be called before each use of grep's output, if there is such a method. */
  verify?(): Promise<void>;
}

export class OpenFiles implements GrepFiles {
  /** Maps the paths that grep opens to the paths that callers use. */
  readonly names: ReadonlyMap<string, string>;
  readonly #closers: readonly (() => void)[];

  private constructor(names: ReadonlyMap<string, string>, closers: readonly (() => void)[]) {
    this.names = names;
    this.#closers = closers;
  }

  /**
   * Opens the files in order. A file with a byte order mark is copied without it; if it is too
   * large to copy, or in UTF-16, opens only the files before it. Throws NotFoundError if a file is missing,
   * ForbiddenError, `too_busy`, or the signal's reason.
   */
  static async open(root: DictionaryRoot, files: readonly DictionaryFile[], signal: AbortSignal): Promise<OpenFiles> {
    const closers: (() => void)[] = [];
    const names = new Map<string, string>();
    const folders = new ParentFolder(root);
    const slice = new TimeSlice();
    let room = MAX_COPIES_BYTES;
    try {
      for (const { path, realPath } of files) {
        if (slice.isExpired) await slice.yieldToEventLoop();
        signal.throwIfAborted();
        const inFolder = `${folders.open(realPath).path}/${basename(realPath)}`;
        const fd = mapFsErrors(() => openSync(inFolder, FLAGS));
        closers.push(() => closeSync(fd));
        const stats = fstatSync(fd);
        if (!stats.isFile()) throw new NotFoundError();
        const mark = mapFsErrors(() => readMark(fd));
        if (mark === undefined) {
          names.set(procPathOf(fd), path);
          continue;
        }
        const copy = mark === 'utf-8' ? mapFsErrors(() => copyText(fd, room)) : undefined;
        closers.pop()?.();
        if (copy === undefined) break;
        closers.push(() => copy.close());
        names.set(copy.path, path);
        room -= stats.size;
      }
      return new OpenFiles(names, closers);
    } catch (error) {
      for (const close of closers) close();
      throw error;
    } finally {
      folders.close();
    }
  }

  get operands(): readonly string[] {
    return [...this.names.keys()];
  }

  pathOf(printed: string): string {
    return this.names.get(printed) ?? printed;
  }

  close(): void {
    for (const close of this.#closers) close();
  }
}

/** Keeps the parent folder of the latest file open: the next file is usually in the same one. */
class ParentFolder {
  readonly #root: DictionaryRoot;
  #path: string | undefined;
  #folder: OpenFolder | undefined;

  constructor(root: DictionaryRoot) {
    this.#root = root;
  }

  open(file: string): OpenFolder {
    const path = file.includes('/') ? dirname(file) : '';
    if (this.#folder !== undefined && path === this.#path) return this.#folder;
    this.close();
    this.#folder = this.#root.openFolder(path);
    this.#path = path;
    return this.#folder;
  }

  close(): void {
    this.#folder?.close();
    this.#folder = undefined;
  }
}

/** How many files one purpose may keep open. */
export const maxOpenFiles = Math.max(16, Math.min(1024, Math.floor(descriptorLimit() / 16)));

/** The maximum number of files per grep; 0 if other programs can't open this process's files. */
export const maxFilesPerGrep = canOthersOpenFiles() ? maxOpenFiles : 0;

/** Linux makes root the owner of /proc/<pid>/fd for non-dumpable processes (proc_pid(5)). */
function canOthersOpenFiles(): boolean {
  return hasProc && statSync(`/proc/${process.pid}/fd`).uid === process.geteuid?.();
}

function descriptorLimit(): number {
  try {
    const [, limit] = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return Number(limit ?? 0);
  } catch {
    return 0;
  }
}
