// Several dictionaries during a search: their files as they were found. Each is opened when it is
// its turn, so that the number of open files doesn't depend on that of the dictionaries.
import { AppError } from '../../../errors.js';
import { needsDecoding } from '../../corpus/decoding.js';
import { changedDictionaryError } from '../../corpus/default-dictionary.js';
import type { FoundDictionary, FoundMember } from '../../corpus/dictionaries.js';
import { combineVersions, type DictionaryFile } from '../../corpus/dictionary-file.js';
import { selectFiles } from '../../corpus/file-filter.js';
import { LARGE_BYTES } from '../../corpus/large-text.js';
import { Pace } from '../../corpus/pace.js';
import type { TextFile } from '../../corpus/text-file.js';
import type { Trait } from '../../corpus/text-traits.js';
import type { SummaryEnd } from '../../entries/summary.js';
import {
  explainFailure,
  OpenDictionary,
  type OpenDictionaryOptions,
  openText,
  type Portion,
} from './open-dictionary.js';
import type { TraitText } from './trait-cache.js';

export class OpenDictionaries {
  /** The answer never has to be proven: they were looked up first. */
  readonly isProven = true;
  /** A single open file, which they don't have. */
  readonly only = undefined;
  /** The files to read, as they were found. */
  readonly files: readonly DictionaryFile[];
  readonly #options: OpenDictionaryOptions;
  readonly #found: FoundDictionary;
  readonly #members: readonly FoundMember[];
  readonly #foundMs: number;

  private constructor(
    options: OpenDictionaryOptions,
    found: FoundDictionary,
    members: readonly FoundMember[],
    foundMs: number,
  ) {
    this.files = members.flatMap(({ files }) => files);
    this.#options = options;
    this.#found = found;
    this.#members = members;
    this.#foundMs = foundMs;
  }

  /** Throws `unknown_dictionary`, `unreadable_dictionary`, or `no_dictionaries`. */
  static async open(options: OpenDictionaryOptions): Promise<OpenDictionaries> {
    const { dictionaries, name, fileGlobs, signal } = options;
    const foundMs = Date.now();
    const found = await dictionaries.find(name, signal);
    const members: FoundMember[] = [];
    for (const member of found.members ?? []) {
      const files = await selectFiles(member.files, fileGlobs, member.name, new Pace(signal));
      if (files.length > 0) members.push({ ...member, files });
    }
    return new OpenDictionaries(options, found, members, foundMs);
  }

  get name(): string | undefined {
    return this.#options.name;
  }

  /** Yields what to read, in order. Closes each before the next. */
  async *members(): AsyncGenerator<OpenDictionary, void, void> {
    let group: DictionaryFile[] = [];
    for (const member of this.#members) {
      const [file] = member.files as [DictionaryFile];
      if (canShareGrep(member, file)) {
        group.push(file);
        continue;
      }
      if (group.length > 0) yield OpenDictionary.ofFiles(this.#options, group);
      group = [];
      yield* this.#opened(member);
    }
    if (group.length > 0) yield OpenDictionary.ofFiles(this.#options, group);
  }

  /** Throws `dictionary_changed` if the dictionary is no longer as it was found. */
  async *#opened(member: FoundMember): AsyncGenerator<OpenDictionary, void, void> {
    const dictionary = await OpenDictionary.open({ ...this.#options, name: member.name, mayBeStale: false });
    try {
      if (!haveSameVersions(dictionary.files, member.files)) throw changedDictionaryError(this.name);
      yield dictionary;
    } finally {
      dictionary.close();
    }
  }

  /** Yields the files to read in order, in portions, as a dictionary does. */
  async *portions(needsLfOnly: boolean, signal: AbortSignal): AsyncGenerator<Portion, void, void> {
    for await (const member of this.members()) yield* member.portions(needsLfOnly, signal);
  }

  /** Throws `dictionary_changed` if the file was replaced or removed. */
  openText(file: DictionaryFile): Promise<TextFile> {
    return openText(this.#options, file);
  }

  has(trait: Trait, text: TraitText, signal: AbortSignal): Promise<boolean> {
    return this.#options.traits.resolve(trait, text, signal);
  }

  /** Reports whether a dictionary changed. Must be called after everything has been read. */
  async summaryEnd(): Promise<SummaryEnd> {
    const { dictionaries, name, signal } = this.#options;
    const now = await dictionaries.find(name, signal).catch((error) => {
      if (error instanceof AppError) return undefined;
      throw error;
    });
    if (now === undefined || !haveSameVersions(now.files, this.#found.files))
      return { truncated: 'dictionary_changed' };
    const version = combineVersions(this.#found.files, this.#foundMs);
    return version === undefined ? {} : { version };
  }

  /** As in `OpenDictionary`. */
  explainFailure(cause: unknown): Promise<AppError | undefined> {
    return explainFailure(this.#options, this.files, cause);
  }

  async prove(): Promise<void> {}

  close(): void {}
}

/** Whether one grep reads a dictionary together with its neighbors. */
function canShareGrep({ snapshot }: FoundMember, { path, bytes }: DictionaryFile): boolean {
  return snapshot === undefined && bytes <= LARGE_BYTES && !needsDecoding(path);
}

function haveSameVersions(files: readonly DictionaryFile[], others: readonly DictionaryFile[]): boolean {
  if (files.length !== others.length) return false;
  return files.every(({ path, version }, index) => path === others[index]?.path && version === others[index]?.version);
}
