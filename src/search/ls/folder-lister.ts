// Lists a folder. ls reads, sorts and formats it; names that can't be part of a dictionary are
// removed from its output.
import { dirname, join } from 'node:path';
import { TimeSlice } from '../../concurrency/time-slice.js';
import { AppError } from '../../errors.js';
import { TIMESTAMP_RESOLUTION_MS } from '../corpus/dictionary-file.js';
import {
  type DictionaryRoot,
  ForbiddenError,
  isForbiddenCode,
  isNotFoundCode,
  NotFoundError,
  type OpenFolder,
  undefinedIfInaccessible,
} from '../corpus/dictionary-root.js';
import { createGlob } from '../corpus/glob.js';
import { quoteName } from '../corpus/quote-name.js';
import type { Answer, ListQuery } from '../engine.js';
import { Batch } from '../entries/batch.js';
import { alignColumns, type NameLine } from './align-columns.js';
import { ExcludedNamesCache } from './excluded-names-cache.js';
import { excludedNamesIn, findFolder, unreadableFolderError } from './folders.js';
import { type Ls, LsError, type LsLine, type LsRun, runLs } from './run-ls.js';

export interface FolderListerOptions {
  root: DictionaryRoot;
  ls: Ls;
  /** The memory limit of one ls, which keeps a whole folder in memory to sort it. */
  memoryBytes: number;
}

export class FolderLister {
  readonly #options: FolderListerOptions;
  readonly #cache = new ExcludedNamesCache();

  constructor(options: FolderListerOptions) {
    this.#options = options;
  }

  /**
   * Throws `unknown_folder`, `unreadable_folder`, `not_a_folder`, `search_memory` or `too_busy`.
   */
  async *list(query: ListQuery, signal: AbortSignal): Answer<string> {
    const { root, memoryBytes } = this.#options;
    const folder = await findFolder(root, query);
    const listing = new Listing(query, { folder, root, cache: this.#cache, signal });
    const slice = new TimeSlice();
    if (!query.options.includes('-R')) await listing.enter('.');
    const batch = Batch.ofEntries<string>();
    let nrOfEntries = 0;
    const opened = await this.#open(folder, query);
    const isHidden = (path: string) => listing.isHidden(path);
    const run = { options: query.options, folder: opened.path, limits: { memoryBytes }, isHidden };
    const lines = this.#lines(run, listing, signal);
    const output = listing.needsAlignment ? withAlignedNames(lines, listing) : lines;
    try {
      for (;;) {
        const step = await output.next();
        if (step.done) {
          if (!batch.isEmpty) yield batch.flush();
          const isIncomplete = step.value || listing.hasUnreadable;
          return { nrOfEntries, ...(isIncomplete && { truncated: 'unreadable_folder' }) };
        }
        for (const line of step.value) {
          signal.throwIfAborted();
          if (slice.isExpired) await slice.yieldToEventLoop();
          for (const entry of listing.take(line)) {
            nrOfEntries += 1;
            batch.add(entry);
          }
          if (batch.isFull) yield batch.flush();
        }
      }
    } catch (error) {
      throw await this.#mapError(error, query);
    } finally {
      await output.return(false);
      opened.close();
    }
  }

  /**
   * Yields the output of ls, and moves the listing to the folder of the lines that follow. With
   * `-R`, ls opens subfolders by name. A subfolder that may have been swapped before ls opened it
   * is listed again by a separate ls.
   */
  async *#lines(run: LsRun, listing: Listing, signal: AbortSignal): AsyncGenerator<LsLine[], boolean, void> {
    const output = runLs(this.#options.ls, run, signal);
    if (!run.options.includes('-R')) return yield* output;
    const startedMs = Date.now();
    const options = run.options.filter((option) => option !== '-R');
    let isReplaced = false;
    let hasUnreadable = false;
    try {
      for (;;) {
        const step = await output.next();
        if (step.done) return step.value || hasUnreadable;
        for (const line of step.value) {
          if (line.kind !== 'heading') {
            if (!isReplaced) yield [line];
            continue;
          }
          await listing.enter(line.path);
          yield [line];
          isReplaced = line.path !== '.' && !listing.isStableSince(startedMs);
          const folder = isReplaced ? listing.open() : undefined;
          if (folder === undefined) continue;
          try {
            hasUnreadable ||= yield* runLs(this.#options.ls, { ...run, options, folder: folder.path }, signal);
          } finally {
            folder.close();
          }
        }
      }
    } finally {
      await output.return(false);
    }
  }

  async #open(folder: string, query: ListQuery): Promise<OpenFolder> {
    try {
      return this.#options.root.openFolder(folder);
    } catch (error) {
      if (!(error instanceof NotFoundError || error instanceof ForbiddenError)) throw error;
      // The folder was replaced or removed after it was found.
      await findFolder(this.#options.root, query);
      throw new AppError('too_busy', `The folder ${quoteName(query.folder)} keeps changing. Try again later.`, {
        cause: error,
      });
    }
  }

  /** Returns the AppError that explains an error, else the error itself. */
  async #mapError(error: unknown, query: ListQuery): Promise<unknown> {
    if (error instanceof LsError && /memory exhausted/.test(error.message)) {
      const mib = this.#options.memoryBytes / 2 ** 20;
      return new AppError('search_memory', `The listing exceeded its memory limit of ${mib} MiB.`, {
        cause: error,
      });
    }
    if (error instanceof LsError && error.killedBy !== null) {
      const message = `ls was killed by ${error.killedBy}, probably because the system ran out of memory.`;
      return new AppError('search_memory', message, { cause: error });
    }
    // The folder is ls's working directory, and may have been removed.
    if (!(error instanceof LsError || isNotFoundCode(error) || isForbiddenCode(error))) return error;
    await findFolder(this.#options.root, query);
    return isForbiddenCode(error) || /Permission denied/.test((error as Error).message)
      ? unreadableFolderError(query.folder, error)
      : error;
  }
}

/** Aligns the visible names of the root, which come before those of its subfolders. */
async function* withAlignedNames(
  output: AsyncGenerator<LsLine[], boolean, void>,
  listing: Listing,
): AsyncGenerator<LsLine[], boolean, void> {
  let names: NameLine[] = [];
  let isRoot = true;
  try {
    for (;;) {
      const step = await output.next();
      if (step.done) {
        yield alignColumns(names);
        return step.value;
      }
      for (const line of step.value) {
        if (isRoot && line.kind === 'name') {
          if (!listing.isHidden(line.name)) names.push(line);
          continue;
        }
        if (line.kind === 'blank') {
          isRoot = false;
          yield alignColumns(names);
          names = [];
        }
        yield [line];
      }
    }
  } finally {
    await output.return(false);
  }
}

interface ListingOptions {
  root: DictionaryRoot;
  /** The listed folder, relative to the root and free of links. */
  folder: string;
  cache: ExcludedNamesCache;
  signal: AbortSignal;
}

/**
 * Filters the lines of ls, which come folder by folder, with `-R` each folder below its heading.
 */
class Listing {
  readonly #options: ListingOptions;
  #path = '.';
  readonly #matches: ((name: string) => boolean) | undefined;
  readonly #isLong: boolean;
  /** Set if the listed folder is the root, and not all of its names are visible. */
  readonly #isVisible: ((name: string) => boolean) | undefined;
  /** The names to leave out of the current folder. If `undefined`, the whole folder is hidden. */
  #excluded: ReadonlySet<string> | undefined;
  /** The heading of the current folder until its first line is shown. Empty folders get none. */
  #heading: string | undefined;
  #isFirst = true;
  /** Whether a folder was left out because it isn't readable. */
  hasUnreadable = false;

  constructor({ filter, folder, isVisible, options: lsOptions }: ListQuery, options: ListingOptions) {
    this.#isLong = lsOptions.includes('-l');
    this.#isVisible = folder === '' ? isVisible : undefined;
    this.#matches = filter === undefined ? undefined : createGlob(filter);
    this.#options = options;
  }

  /** Moves to the folder of the next lines. Its path is relative to the listed folder. */
  async enter(path: string): Promise<void> {
    this.#path = path;
    if (this.isHidden(path)) {
      this.#excluded = undefined;
      return;
    }
    const { root, folder, signal, cache } = this.#options;
    this.#excluded = await excludedNamesIn(root, join(folder, path), signal, cache);
    this.hasUnreadable ||= this.#excluded === undefined;
  }

  /** Whether names are left out that affect the widths of columns. */
  get needsAlignment(): boolean {
    return this.#isVisible !== undefined && this.#isLong;
  }

  /** Whether a path, relative to the listed folder, is in a dictionary that the caller can't see. */
  isHidden(path: string): boolean {
    const [top = ''] = path.replace(/^\.\//, '').split('/', 1);
    return top !== '.' && this.#isVisible?.(top) === false;
  }

  /** Whether the change times prove that neither the folder nor one above it has moved since. */
  isStableSince(timeMs: number): boolean {
    const { root, folder } = this.#options;
    try {
      for (let path = this.#path; path !== '.'; path = dirname(path)) {
        if (Number(root.lstat(join(folder, path)).ctimeMs) > timeMs - TIMESTAMP_RESOLUTION_MS) return false;
      }
      return true;
    } catch (error) {
      return undefinedIfInaccessible(error) ?? false;
    }
  }

  /** Opens the current folder. Returns `undefined` if it isn't readable. */
  open(): OpenFolder | undefined {
    if (this.#excluded === undefined) return undefined;
    try {
      return this.#options.root.openFolder(join(this.#options.folder, this.#path));
    } catch (error) {
      return undefinedIfInaccessible(error);
    }
  }

  /** Returns the lines to show: none, the line, or a pending heading and the line. */
  take(line: LsLine): string[] {
    if (line.kind === 'heading') this.#heading = line.text;
    if (!this.#shows(line)) return [];
    const separator = this.#isFirst ? [] : [''];
    const heading = this.#heading === undefined ? [] : [...separator, this.#heading];
    this.#heading = undefined;
    this.#isFirst = false;
    return line.kind === 'heading' ? heading : [...heading, line.text];
  }

  #shows(line: LsLine): boolean {
    if (this.#excluded === undefined) return false;
    switch (line.kind) {
      case 'name':
        if (this.#path === '.' && this.isHidden(line.name)) return false;
        return !this.#excluded.has(line.name) && (this.#matches?.(line.name) ?? true);
      case 'heading':
        return this.#matches === undefined;
      case 'total':
        // The total would include the files that are left out.
        return this.#matches === undefined && (this.#path !== '.' || this.#isVisible === undefined);
      case 'blank':
        return false;
    }
  }
}
