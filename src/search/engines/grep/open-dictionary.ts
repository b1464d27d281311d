// A dictionary while it is searched: its files as they were found, and whether they are still those.
import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../../errors.js';
import type { Dictionaries } from '../../corpus/dictionaries.js';
import { type DictionaryFile, versionOfAll } from '../../corpus/dictionary-file.js';
import { ForbiddenError, isForbiddenCode, isTopName, NotFoundError } from '../../corpus/dictionary-root.js';
import { quoteName } from '../../corpus/quote-name.js';
import { isPacked, TextFile, type Trait } from '../../corpus/text-file.js';
import type { Summary } from '../../engine.js';
import { maxFilesOfGrep, OpenFiles } from './open-files.js';

/** The input of one grep: several files, or one text on standard input. */
export interface Portion {
  files: readonly DictionaryFile[];
  opened?: OpenFiles;
  text?: TextFile;
}

export interface OpenDictionaryOptions {
  dictionaries: Dictionaries;
  /** A caller's name for it. Without one: the default dictionary. */
  name: string | undefined;
  maxUnpackedBytes: number;
  traits: TraitCache;
  signal: AbortSignal;
}

/** How often a dictionary that is replaced again and again is looked for. */
const TRIES = 20;

export class OpenDictionary {
  /** As they were found. */
  readonly files: readonly DictionaryFile[];
  readonly #options: OpenDictionaryOptions;
  /** Where it is one file: that file. It stays what it is, also when another one takes its name. */
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

  /** Throws `unknown_dictionary`, `unreadable_dictionary`, `no_dictionaries` or `dictionary_changed`. */
  static async open(options: OpenDictionaryOptions): Promise<OpenDictionary> {
    const { dictionaries, maxUnpackedBytes } = options;
    const name = options.name ?? dictionaries.defaultName;
    if (name !== undefined && isTopName(name)) {
      const openedMs = Date.now();
      const text = TextFile.openDirectly(dictionaries.root.path, name, maxUnpackedBytes);
      if (text !== undefined) return new OpenDictionary(options, [text.file], text, openedMs);
    }
    for (let tries = 1; tries <= TRIES; tries += 1) {
      const openedMs = Date.now();
      const files = await options.dictionaries.files(options.name, options.signal);
      const [first] = files;
      if (first === undefined || files.length > 1) return new OpenDictionary(options, files, undefined, openedMs);
      const only = await openFile(options, first);
      if (only !== undefined) return new OpenDictionary(options, files, only, openedMs);
    }
    throw changed(options.name);
  }

  /** Yields the dictionary in order, in few portions. Closes a portion's files before the next. */
  async *portions(needsPlainLineEnds: boolean, signal: AbortSignal): AsyncGenerator<Portion, void, void> {
    if (this.only !== undefined) {
      yield { files: this.files, text: this.only };
      return;
    }
    let group: DictionaryFile[] = [];
    for (const file of this.files) {
      const isText =
        maxFilesOfGrep === 0 || isPacked(file.path) || (needsPlainLineEnds && (await this.#hasCrlf(file, signal)));
      if (!isText) group.push(file);
      if (isText || group.length === maxFilesOfGrep) {
        yield* this.#opened(group, signal);
        group = [];
      }
      if (isText) yield* this.#asText(file);
    }
    yield* this.#opened(group, signal);
  }

  async *#opened(files: readonly DictionaryFile[], signal: AbortSignal): AsyncGenerator<Portion, void, void> {
    const { dictionaries, name } = this.#options;
    let left = files;
    for (let [first] = left; first !== undefined; [first] = left) {
      const opened = await OpenFiles.open(dictionaries.root, left, signal).catch((cause) => {
        if (cause instanceof NotFoundError) throw changed(name, cause);
        if (cause instanceof ForbiddenError) throw unreadable(name, cause);
        throw cause;
      });
      const count = opened.names.size;
      try {
        if (count > 0) yield { files: left.slice(0, count), opened };
      } finally {
        opened.close();
      }
      // The first one has a byte order mark, and is too large to be copied.
      if (count === 0) yield* this.#asText(first);
      left = left.slice(Math.max(count, 1));
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

  /** Throws `dictionary_changed` where the file is no longer what it was. */
  async openText(file: DictionaryFile): Promise<TextFile> {
    const text = await openFile(this.#options, file);
    if (text === undefined) throw changed(this.#options.name);
    return text;
  }

  has(trait: Trait, text: TextFile, signal: AbortSignal): Promise<boolean> {
    return this.#options.traits.of(trait, text, signal);
  }

  /** What is to be said of it when all has been read. */
  async end(): Promise<Pick<Summary, 'truncated' | 'version'>> {
    if (await this.#wasChanged()) return { truncated: 'dictionary_changed' };
    const version = versionOfAll(this.only === undefined ? this.files : [this.only], this.#openedMs);
    return version === undefined ? {} : { version };
  }

  /** Whether what was read may be of more than one version. */
  async #wasChanged(): Promise<boolean> {
    if (this.only !== undefined) return this.only.wasChanged();
    const { dictionaries, name, signal } = this.#options;
    const now = await dictionaries.files(name, signal).catch((error) => {
      if (error instanceof AppError) return [];
      throw error;
    });
    if (now.length !== this.files.length) return true;
    return now.some(({ path, version }, at) => path !== this.files[at]?.path || version !== this.files[at]?.version);
  }

  /** Why its files may have made a search fail: they change while we look. Nothing where they are as they were. */
  async explain(cause: unknown): Promise<AppError | undefined> {
    const { dictionaries, name, signal } = this.#options;
    await dictionaries.files(name, signal);
    for (const { path } of this.files) {
      try {
        await access(join(dictionaries.root.path, path), constants.R_OK);
      } catch (error) {
        if (!isForbiddenCode(error)) return changed(name, cause);
        return unreadable(name, cause);
      }
    }
    return undefined;
  }

  close(): void {
    this.only?.close();
  }

  async #hasCrlf(file: DictionaryFile, signal: AbortSignal): Promise<boolean> {
    const known = this.#options.traits.recall('crlf', file);
    if (known !== undefined) return known;
    const text = await this.openText(file);
    try {
      return await this.has('crlf', text, signal);
    } finally {
      text.close();
    }
  }
}

type TraitText = Pick<TextFile, 'path' | 'version' | 'changedMs' | 'has' | 'wasChanged'>;

/** What is known of the texts that were looked through, by the versions of their files. */
export class TraitCache {
  readonly #known = new Map<string, boolean>();

  recall(trait: Trait, { version }: { version: string }): boolean | undefined {
    return this.#known.get(`${trait} ${version}`);
  }

  async of(trait: Trait, text: TraitText, signal: AbortSignal): Promise<boolean> {
    const known = this.recall(trait, text);
    if (known !== undefined) return known;
    const nowMs = Date.now();
    const has = await text.has(trait, signal);
    if (this.#known.size >= MAX_KNOWN) {
      const [oldest] = this.#known.keys();
      this.#known.delete(oldest as string);
    }
    // What changes while it is looked through has another version by now, unless it was changed just before, too.
    if (!text.wasChanged() && versionOfAll([text], nowMs) !== undefined)
      this.#known.set(`${trait} ${text.version}`, has);
    return has;
  }
}

const MAX_KNOWN = 10_000;

export function changed(name: string | undefined, cause?: unknown): AppError {
  return new AppError('dictionary_changed', `${called(name)} was changed while it was searched.`, { cause });
}

function unreadable(name: string | undefined, cause: unknown): AppError {
  return new AppError('unreadable_dictionary', `${called(name)} may not be read.`, { cause });
}

/** How a message calls a dictionary. */
export function called(name: string | undefined): string {
  return name === undefined ? 'The default dictionary' : `The dictionary ${quoteName(name)}`;
}

async function openFile(
  { dictionaries: { root }, name, maxUnpackedBytes }: OpenDictionaryOptions,
  file: DictionaryFile,
): Promise<TextFile | undefined> {
  try {
    return TextFile.open({ root: root.path, file, maxUnpackedBytes });
  } catch (error) {
    if (!isForbiddenCode(error)) throw error;
    throw unreadable(name, error);
  }
}
