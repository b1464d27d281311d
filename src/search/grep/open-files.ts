// Files of a folder, opened for one grep: it gets open files instead of names, so that no link can take their place.
import { closeSync, constants, fstatSync, openSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { Turns } from '../../turns.js';
import type { DictionaryFile } from '../dictionary-file.js';
import { hasProc } from '../open-beneath.js';
import { Absent, attempt, type OpenFolder, type Root } from '../root.js';
import { pathOf } from './nameless-file.js';

const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY | constants.O_NOFOLLOW;

export class OpenFiles {
  /** The paths under which other programs open them, each with the path that callers know. */
  readonly names: ReadonlyMap<string, string>;
  readonly #fds: readonly number[];

  private constructor(names: ReadonlyMap<string, string>, fds: readonly number[]) {
    this.names = names;
    this.#fds = fds;
  }

  /** Throws Absent if one is no longer a file of the folder, Unreadable, `too_busy`, or the signal's reason. */
  static async open(root: Root, files: readonly DictionaryFile[], signal: AbortSignal): Promise<OpenFiles> {
    const fds: number[] = [];
    const names = new Map<string, string>();
    const folders = new FolderOfFile(root);
    const turns = new Turns();
    try {
      for (const { path, realPath } of files) {
        if (turns.isOver) await turns.pass();
        signal.throwIfAborted();
        const inFolder = `${folders.of(realPath).path}/${basename(realPath)}`;
        const fd = attempt(() => openSync(inFolder, FLAGS));
        fds.push(fd);
        if (!fstatSync(fd).isFile()) throw new Absent();
        names.set(pathOf(fd), path);
      }
      return new OpenFiles(names, fds);
    } catch (error) {
      for (const fd of fds) closeSync(fd);
      throw error;
    } finally {
      folders.close();
    }
  }

  close(): void {
    for (const fd of this.#fds) closeSync(fd);
  }
}

/** The folder that a file is in, kept open: the next file is mostly in the same one. */
class FolderOfFile {
  readonly #root: Root;
  #path: string | undefined;
  #folder: OpenFolder | undefined;

  constructor(root: Root) {
    this.#root = root;
  }

  of(file: string): OpenFolder {
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

/** How many files one grep is given: none if other programs can't open the files of this process. */
export const maxFilesOfGrep = arePathsForOthers()
  ? Math.max(16, Math.min(1024, Math.floor(descriptorLimit() / 16)))
  : 0;

/** Linux gives the files of a process that may not be traced, as of one with capabilities, to root (proc_pid(5)). */
function arePathsForOthers(): boolean {
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
