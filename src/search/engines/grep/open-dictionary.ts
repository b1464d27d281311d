// A dictionary during a search: its files as they were found, and whether they have changed since.
import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../../errors.js';
import { isCompressed } from '../../corpus/compressed.js';
import { describeDictionary, unreadableDictionaryError } from '../../corpus/default-dictionary.js';
import type { Dictionaries } from '../../corpus/dictionaries.js';
import { combineVersions, type DictionaryFile } from '../../corpus/dictionary-file.js';
import { ForbiddenError, isForbiddenCode, isTopLevelName, NotFoundError } from '../../corpus/dictionary-root.js';
import { TextFile } from '../../corpus/text-file.js';
import type { Trait } from '../../corpus/text-traits.js';
import type { SummaryEnd } from '../../entries/summary.js';
import { maxFilesPerGrep, OpenFiles } from './open-files.js';

/** The input of one grep: several files, or one text on standard input. */
export interface Portion {
  files: readonly DictionaryFile[];
  opened?: OpenFiles;
  text?: TextFile;
}

export interface OpenDictionaryOptions {
  dictionaries: Dictionaries;
  /** As in the request. `undefined` means the default dictionary. */
  name: string | undefined;
  maxDecompressedBytes: number;
  traits: TraitCache;
  signal: AbortSignal;
}

/** How often to look up a dictionary that keeps being replaced. */
const MAX_ATTEMPTS = 20;

export class OpenDictionary {
  /** As found when the dictionary was opened. */
  readonly files: readonly DictionaryFile[];
  readonly #options: OpenDictionaryOptions;
  /** The open file, if the dictionary is a single one. It stays the same even if it is replaced. */
  readonly only: TextFile | undefined;
  readonly #openedMs: number;

  private constructor(
    options: OpenDictionaryOptions,
    files: readonly DictionaryFile[],
    only: TextFile | undefined,
    openedMs: number,
  ) {
    this.#options = options;
    this.files = files;
    this.#openedMs = openedMs;
    this.only = only;
  }

  /**
   * Throws `unknown_dictionary`, `unreadable_dictionary`, `no_dictionaries` or
   * `dictionary_changed`.
   */
  static async open(options: OpenDictionaryOptions): Promise<OpenDictionary> {
    const { dictionaries, maxDecompressedBytes } = options;
    const name = options.name ?? dictionaries.defaultName;
    if (name !== undefined && isTopLevelName(name)) {
      const openedMs = Date.now();
      const text = TextFile.openDirectly(dictionaries.root.path, name, maxDecompressedBytes);
      if (text !== undefined) return new OpenDictionary(options, [text.file], text, openedMs);
    }
    for (let attempts = 1; attempts <= MAX_ATTEMPTS; attempts += 1) {
      const openedMs = Date.now();
      const files = await options.dictionaries.files(options.name, options.signal);
      const [first] = files;
      if (first === undefined || files.length > 1) return new OpenDictionary(options, files, undefined, openedMs);
      const only = await openFile(options, first);
      if (only !== undefined) return new OpenDictionary(options, files, only, openedMs);
    }
    throw changedError(options.name);
  }

  /** Yields the dictionary in order, in few portions. Closes a portion's files before the next. */
  async *portions(needsLfOnly: boolean, signal: AbortSignal): AsyncGenerator<Portion, void, void> {
    if (this.only !== undefined) {
      yield { files: this.files, text: this.only };
      return;
    }
    let group: DictionaryFile[] = [];
    for (const file of this.files) {
      const isText =
        maxFilesPerGrep === 0 || isCompressed(file.path) || (needsLfOnly && (await this.#hasCrlf(file, signal)));
      if (!isText) group.push(file);
      if (isText || group.length === maxFilesPerGrep) {
        yield* this.#opened(group, signal);
        group = [];
      }
      if (isText) yield* this.#asText(file);
    }
    yield* this.#opened(group, signal);
  }

  async *#opened(files: readonly DictionaryFile[], signal: AbortSignal): AsyncGenerator<Portion, void, void> {
    const { dictionaries, name } = this.#options;
    let remaining = files;
    for (let [first] = remaining; first !== undefined; [first] = remaining) {
      const opened = await OpenFiles.open(dictionaries.root, remaining, signal).catch((cause) => {
        if (cause instanceof NotFoundError) throw changedError(name, cause);
        if (cause instanceof ForbiddenError) throw unreadableDictionaryError(name, cause);
        throw cause;
      });
      const count = opened.names.size;
      try {
        if (count > 0) yield { files: remaining.slice(0, count), opened };
      } finally {
        opened.close();
      }
      // The first file has a byte order mark and is too large to copy.
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
  async openText(file: DictionaryFile): Promise<TextFile> {
    const text = await openFile(this.#options, file);
    if (text === undefined) throw changedError(this.#options.name);
    return text;
  }

  has(trait: Trait, text: TextFile, signal: AbortSignal): Promise<boolean> {
    return this.#options.traits.resolve(trait, text, signal);
  }

  /** Reports whether the dictionary changed. Must be called after everything has been read. */
  async summaryEnd(): Promise<SummaryEnd> {
    if (await this.#hasChanged()) return { truncated: 'dictionary_changed' };
    const version = combineVersions(this.only === undefined ? this.files : [this.only], this.#openedMs);
    return version === undefined ? {} : { version };
  }

  /** Whether the files may have been read in different versions. */
  async #hasChanged(): Promise<boolean> {
    if (this.only !== undefined) return this.only.hasChanged();
    const { dictionaries, name, signal } = this.#options;
    const now = await dictionaries.files(name, signal).catch((error) => {
      if (error instanceof AppError) return [];
      throw error;
    });
    if (now.length !== this.files.length) return true;
    return now.some(({ path, version }, index) => {
      const before = this.files[index];
      return path !== before?.path || version !== before.version;
    });
  }

  /**
   * Explains a failure by the state of the files. Returns `undefined` if all are still there and
   * readable, and throws if the dictionary is gone.
   */
  async explainFailure(cause: unknown): Promise<AppError | undefined> {
    const { dictionaries, name, signal } = this.#options;
    await dictionaries.files(name, signal);
    for (const { path } of this.files) {
      try {
        await access(join(dictionaries.root.path, path), constants.R_OK);
      } catch (error) {
        if (!isForbiddenCode(error)) return changedError(name, cause);
        return unreadableDictionaryError(name, cause);
      }
    }
    return undefined;
  }

  close(): void {
    this.only?.close();
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

type TraitText = Pick<TextFile, 'path' | 'version' | 'changedMs' | 'has' | 'hasChanged'>;

/** Caches the traits of texts by the version of their file. */
export class TraitCache {
  readonly #traits = new Map<string, boolean>();

  /** Returns `undefined` if it isn't cached. */
  get(trait: Trait, { version }: { version: string }): boolean | undefined {
    return this.#traits.get(`${trait} ${version}`);
  }

  /** Scans the text unless the trait is cached. */
  async resolve(trait: Trait, text: TraitText, signal: AbortSignal): Promise<boolean> {
    const cached = this.get(trait, text);
    if (cached !== undefined) return cached;
    const nowMs = Date.now();
    const has = await text.has(trait, signal);
    if (this.#traits.size >= MAX_TRAITS) {
      const [oldest] = this.#traits.keys();
      this.#traits.delete(oldest as string);
    }
    // A text that changed during the scan has another version, unless it also changed just before.
    const isStable = !text.hasChanged() && combineVersions([text], nowMs) !== undefined;
    if (isStable) this.#traits.set(`${trait} ${text.version}`, has);
    return has;
  }
}

const MAX_TRAITS = 10_000;

export function changedError(name: string | undefined, cause?: unknown): AppError {
  return new AppError('dictionary_changed', `${describeDictionary(name)} changed during the search.`, { cause });
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
