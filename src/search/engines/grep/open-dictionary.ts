// A dictionary during a search: its files as they were found, and whether they have changed since.
import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../../errors.js';
import { needsDecoding } from '../../corpus/decoding.js';
import { changedDictionaryError, unreadableDictionaryError } from '../../corpus/default-dictionary.js';
import type { Dictionaries } from '../../corpus/dictionaries.js';
import { combineVersions, type DictionaryFile } from '../../corpus/dictionary-file.js';
import { ForbiddenError, isForbiddenCode, isTopLevelName, NotFoundError } from '../../corpus/dictionary-root.js';
import { createFileFilter, selectFiles } from '../../corpus/file-filter.js';
import type { FolderSnapshot } from '../../corpus/folder-snapshot.js';
import { Pace } from '../../corpus/pace.js';
import type { OpenPackedFolder } from '../../corpus/packed-folder.js';
import type { SectionedText } from '../../corpus/sectioned-text.js';
import { TextFile } from '../../corpus/text-file.js';
import type { Trait } from '../../corpus/text-traits.js';
import type { SummaryEnd } from '../../entries/summary.js';
import type { FileBlocks } from '../../index/ranges.js';
import { type FolderPlans, stepsFor } from './folder-plan.js';
import { mayOpenByName, NamedFiles } from './named-files.js';
import { type GrepFiles, maxFilesPerGrep, OpenFiles } from './open-files.js';
import { isPackable, type PackedFolders } from './packed-folders.js';
import type { TraitCache, TraitText } from './trait-cache.js';
import { type Provable, StaleFolderError } from './unproven-answer.js';

/** What one grep reads, or several that share it out: files, or one text on standard input. */
export interface Portion {
  files: readonly DictionaryFile[];
  opened?: GrepFiles;
  text?: TextFile;
  /** The texts of all the files, or the parts of them that the search needs, as one. */
  sectioned?: SectionedText;
  /** Set if the text can be divided, so that several greps share it out. */
  blocks?: FileBlocks;
  /** The numbers of entries before and after what the portion contains. */
  skipped?: SkippedEntries;
}

export interface SkippedEntries {
  before: number;
  after: number;
}

export interface OpenDictionaryOptions {
  dictionaries: Dictionaries;
  /** The selector of the request. `undefined` means the default dictionary. */
  name: string | undefined;
  /** As in `AllQuery`. */
  fileGlobs?: readonly string[] | undefined;
  maxDecompressedBytes: number;
  traits: TraitCache;
  packedFolders: PackedFolders;
  plans: FolderPlans;
  /** Whether to open a folder as it was found last. The answer must then be proven. */
  mayBeStale: boolean;
  signal: AbortSignal;
}

/** How often to look up a dictionary that keeps being replaced. */
const MAX_ATTEMPTS = 20;

/** What was found when the dictionary was opened. */
interface Opened {
  /** The files to read. */
  files: readonly DictionaryFile[];
  openedMs: number;
  only?: TextFile;
  snapshot?: FolderSnapshot;
  packed?: OpenPackedFolder | undefined;
}

export class OpenDictionary implements Provable {
  readonly #options: OpenDictionaryOptions;
  readonly #opened: Opened;
  #isProven: boolean;

  private constructor(options: OpenDictionaryOptions, opened: Opened, isProven = true) {
    this.#options = options;
    this.#opened = opened;
    this.#isProven = isProven;
  }

  /**
   * Throws `unknown_dictionary`, `unreadable_dictionary`, `no_dictionaries`, `dictionary_changed`
   * or, with `mayBeStale`, StaleFolderError.
   */
  static async open(options: OpenDictionaryOptions): Promise<OpenDictionary> {
    const { dictionaries, maxDecompressedBytes, signal } = options;
    const name = options.name ?? dictionaries.defaultName;
    const openedMs = Date.now();
    if (name !== undefined && isTopLevelName(name)) {
      const only = TextFile.openDirectly(dictionaries.root.path, name, maxDecompressedBytes);
      if (only !== undefined)
        return new OpenDictionary(options, { files: onlyFile(options, [only.file]), only, openedMs });
    }
    const known = options.mayBeStale ? dictionaries.knownFolder(name) : undefined;
    if (known?.isSettled && known.files.length > 1) {
      const opening = openFolder(options, known, openedMs).catch((error) => {
        throw error instanceof AppError ? new StaleFolderError(undefined, { cause: error }) : error;
      });
      return new OpenDictionary(options, await opening, false);
    }
    for (let attempts = 1; attempts <= MAX_ATTEMPTS; attempts += 1) {
      const openedMs = Date.now();
      const { files, snapshot } = await dictionaries.findOne(options.name, signal);
      const [first] = files;
      if (snapshot !== undefined && files.length !== 1) {
        return new OpenDictionary(options, await openFolder(options, snapshot, openedMs));
      }
      const only = first && (await openFile(options, first));
      if (only !== undefined) return new OpenDictionary(options, { files: onlyFile(options, files), only, openedMs });
    }
    throw changedDictionaryError(options.name);
  }

  /**
   * Some files as they were found, which grepd opens for one grep. The caller must check whether
   * they have changed.
   */
  static ofFiles(options: OpenDictionaryOptions, files: readonly DictionaryFile[]): OpenDictionary {
    return new OpenDictionary(options, { files, openedMs: Date.now() });
  }

  /** As in the request. */
  get name(): string | undefined {
    return this.#options.name;
  }

  /** The files to read, as found when the dictionary was opened. */
  get files(): readonly DictionaryFile[] {
    return this.#opened.files;
  }

  /** The open file, if the dictionary is a single one. It stays the same even if it is replaced. */
  get only(): TextFile | undefined {
    return this.#opened.only;
  }

  /** The packed texts, if the dictionary is a small folder. They stay the same, too. */
  get packed(): OpenPackedFolder | undefined {
    return this.#opened.packed;
  }

  /** The folder as it was found, unless the dictionary is a single file. */
  get snapshot(): FolderSnapshot | undefined {
    return this.#opened.only === undefined ? this.#opened.snapshot : undefined;
  }

  /** Yields the files to read in order, in few portions. Closes a portion's files before the next. */
  async *portions(needsLfOnly: boolean, signal: AbortSignal): AsyncGenerator<Portion, void, void> {
    const { files, only, packed, snapshot } = this.#opened;
    if (files.length === 0) return;
    if (only !== undefined) yield { files, text: only };
    else if (packed !== undefined) yield { files, sectioned: packed };
    else if (snapshot !== undefined && mayOpenByName(snapshot) && isWorthPlanning(snapshot, files)) {
      yield* this.#planned(snapshot, needsLfOnly, signal);
    }
    // The folder may change without a trace.
    else yield* this.portionsOf(files, needsLfOnly, signal);
  }

  /** Portions of a folder that has settled: grep opens most files by their names. */
  async *#planned(
    snapshot: FolderSnapshot,
    needsLfOnly: boolean,
    signal: AbortSignal,
  ): AsyncGenerator<Portion, void, void> {
    const { dictionaries, plans } = this.#options;
    const name = this.#folderName;
    const pace = new Pace(signal);
    const steps = await unlessChanged(this.#options.name, async () => {
      const plan = await plans.get(name, snapshot, pace);
      const hasCrlf = (file: DictionaryFile) => this.#hasCrlf(file, signal);
      return plan.steps(needsLfOnly, { root: dictionaries.root.path, hasCrlf }, pace);
    });
    for (const step of stepsFor(this.files, steps)) {
      if ('file' in step) {
        yield* this.#asText(step.file);
        continue;
      }
      const options = { root: dictionaries.root, name, snapshot, run: step, signal };
      const opened = await unlessChanged(this.#options.name, () => NamedFiles.open(options));
      if (opened === undefined) {
        yield* this.#openedByGrepd(step.files, signal);
        continue;
      }
      try {
        yield { files: step.files, opened };
      } finally {
        opened.close();
      }
    }
  }

  /** Yields some of the files in portions as `portions` does. grepd opens every file. */
  async *portionsOf(
    files: readonly DictionaryFile[],
    needsLfOnly: boolean,
    signal: AbortSignal,
  ): AsyncGenerator<Portion, void, void> {
    let group: DictionaryFile[] = [];
    for (const file of files) {
      const isText =
        maxFilesPerGrep === 0 || needsDecoding(file.path) || (needsLfOnly && (await this.#hasCrlf(file, signal)));
      if (!isText) group.push(file);
      if (isText || group.length === maxFilesPerGrep) {
        yield* this.#openedByGrepd(group, signal);
        group = [];
      }
      if (isText) yield* this.#asText(file);
    }
    yield* this.#openedByGrepd(group, signal);
  }

  async *#openedByGrepd(files: readonly DictionaryFile[], signal: AbortSignal): AsyncGenerator<Portion, void, void> {
    const { root } = this.#options.dictionaries;
    let remaining = files;
    for (let [first] = remaining; first !== undefined; [first] = remaining) {
      const batch = remaining.slice(0, maxFilesPerGrep);
      const opened = await unlessChanged(this.#options.name, () => OpenFiles.open(root, batch, signal));
      const count = opened.names.size;
      try {
        if (count > 0) yield { files: batch.slice(0, count), opened };
      } finally {
        opened.close();
      }
      // The first file is in UTF-16, or has a byte order mark and is too large to copy.
      if (count === 0) yield* this.#asText(first);
      remaining = remaining.slice(Math.max(count, 1));
    }
  }

  async *#asText(file: DictionaryFile): AsyncGenerator<Portion, void, void> {
    const text = await this.openText(file);
    try {
      yield { files: [file], text };
    } finally {
      text.close();
    }
  }

  /** Throws `dictionary_changed` if the file was replaced or removed. */
  openText(file: DictionaryFile): Promise<TextFile> {
    return openText(this.#options, file);
  }

  has(trait: Trait, text: TraitText, signal: AbortSignal): Promise<boolean> {
    return this.#options.traits.resolve(trait, text, signal);
  }

  /**
   * Whether the files are still as they were when the dictionary was opened. A single file that is
   * replaced counts as unchanged, because the open file isn't.
   */
  async isCurrent(): Promise<boolean> {
    const { only, snapshot } = this.#opened;
    if (only !== undefined) return !only.hasChanged();
    if (snapshot === undefined) return false;
    const { dictionaries, name, signal } = this.#options;
    const now = await dictionaries.findOne(name, signal).catch((error) => {
      if (error instanceof AppError) return undefined;
      throw error;
    });
    return now?.snapshot?.hasSameFiles(snapshot) ?? false;
  }

  get isProven(): boolean {
    return this.#isProven;
  }

  async prove(): Promise<void> {
    if (!(await this.isCurrent())) throw new StaleFolderError();
    this.#isProven = true;
  }

  /** Reports whether the dictionary changed. Must be called after everything has been read. */
  async summaryEnd(): Promise<SummaryEnd> {
    if (!this.#isProven) await this.prove();
    else if (!(await this.isCurrent())) return { truncated: 'dictionary_changed' };
    const { only, snapshot, openedMs } = this.#opened;
    const version = only === undefined ? snapshot?.version : combineVersions([only], openedMs);
    return version === undefined ? {} : { version };
  }

  /**
   * Explains a failure by the state of the files. Returns `undefined` if all are still there and
   * readable, and throws if the dictionary is gone.
   */
  explainFailure(cause: unknown): Promise<AppError | undefined> {
    return explainFailure(this.#options, this.files, cause);
  }

  close(): void {
    this.only?.close();
    this.packed?.close();
  }

  get #folderName(): string {
    return this.#options.name ?? this.#options.dictionaries.defaultName ?? '';
  }

  async #hasCrlf(file: DictionaryFile, signal: AbortSignal): Promise<boolean> {
    const cached = this.#options.traits.get('crlf', file);
    if (cached !== undefined) return cached;
    const text = await this.openText(file);
    try {
      return await this.has('crlf', text, signal);
    } finally {
      text.close();
    }
  }
}

/** Opens a file. Throws `dictionary_changed` if it was replaced or removed. */
export async function openText(options: OpenDictionaryOptions, file: DictionaryFile): Promise<TextFile> {
  const text = await openFile(options, file);
  if (text === undefined) throw changedDictionaryError(options.name);
  return text;
}

/** As the method of `OpenDictionary`. */
export async function explainFailure(
  { dictionaries, name, signal }: OpenDictionaryOptions,
  files: readonly DictionaryFile[],
  cause: unknown,
): Promise<AppError | undefined> {
  await dictionaries.files(name, signal);
  for (const { path } of files) {
    try {
      await access(join(dictionaries.root.path, path), constants.R_OK);
    } catch (error) {
      if (!isForbiddenCode(error)) return changedDictionaryError(name, cause);
      return unreadableDictionaryError(name, cause);
    }
  }
  return undefined;
}

async function openFolder(options: OpenDictionaryOptions, snapshot: FolderSnapshot, openedMs: number): Promise<Opened> {
  const { name = options.dictionaries.defaultName ?? '', fileGlobs, packedFolders, signal } = options;
  const files = await selectFiles(snapshot.files, fileGlobs, name, new Pace(signal));
  // The packed texts are searched as one.
  const packed =
    files === snapshot.files && isPackable(snapshot)
      ? await unlessChanged(options.name, () => packedFolders.open(name, snapshot, signal))
      : undefined;
  return { files, snapshot, packed, openedMs };
}

/** Returns the only file of a dictionary, or none if it isn't one to read. */
function onlyFile(options: OpenDictionaryOptions, files: readonly DictionaryFile[]): readonly DictionaryFile[] {
  const { name = options.dictionaries.defaultName ?? '', fileGlobs } = options;
  if (fileGlobs === undefined) return files;
  const isSelected = createFileFilter(fileGlobs, name);
  return files.filter(({ path }) => isSelected(path));
}

/** A plan reads each file of the folder the first time. */
function isWorthPlanning(snapshot: FolderSnapshot, files: readonly DictionaryFile[]): boolean {
  return files === snapshot.files || files.length > maxFilesPerGrep;
}

/** Maps errors about files that are no longer as they were found. */
async function unlessChanged<Value>(name: string | undefined, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof NotFoundError) throw changedDictionaryError(name, cause);
    if (cause instanceof ForbiddenError) throw unreadableDictionaryError(name, cause);
    throw cause;
  }
}

async function openFile(
  { dictionaries: { root }, name, maxDecompressedBytes }: OpenDictionaryOptions,
  file: DictionaryFile,
): Promise<TextFile | undefined> {
  try {
    return TextFile.open({ root: root.path, file, maxDecompressedBytes });
  } catch (error) {
    if (!isForbiddenCode(error)) throw error;
    throw unreadableDictionaryError(name, error);
  }
}
