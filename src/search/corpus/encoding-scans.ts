// Finds out the encodings of texts, once for each version of a file, mostly in the background.
//
// A listing waits only for a few small files. The others are read one after the other, so that the
// work for them never takes more than one thread and a chunk of memory.
import { LRUCache } from 'lru-cache';
import { AppError } from '../../errors.js';
import { maxTextBytes } from './decoding.js';
import { type DetectedEncoding, UTF8 } from './detect-encoding.js';
import type { DictionaryFile } from './dictionary-file.js';
import { declaredEncoding } from './encodings.js';
import { FolderEncodings } from './folder-encodings.js';
import type { FolderSnapshot } from './folder-snapshot.js';
import { Pace } from './pace.js';
import { TextFile } from './text-file.js';

export interface EncodingScansOptions {
  /** The absolute path of the root. */
  root: string;
  /** The maximum size of the text of a file that needs decoding. */
  maxDecompressedBytes: number;
}

/** A dictionary as it was found. */
export interface FoundFiles {
  files: readonly DictionaryFile[];
  snapshot?: FolderSnapshot | undefined;
}

/** What a caller waits for. Shared by the dictionaries of a listing. */
export interface ScanBudget {
  bytes: number;
  files: number;
}

/** Takes about as long to read as the listing itself. */
const MAX_AWAITED_BYTES = 16 * 1024 * 1024;
const MAX_AWAITED_FILES = 200;
/** The files whose encodings are remembered: at most about 10 MB. */
const MAX_FILES = 50_000;
const MAX_QUEUED = 10_000;

/** For a text that can't be read. A search of it reports the error. */
const UNREADABLE: DetectedEncoding = { isDecoded: true, name: undefined };

export function createScanBudget(): ScanBudget {
  return { bytes: MAX_AWAITED_BYTES, files: MAX_AWAITED_FILES };
}

export class EncodingScans {
  readonly #options: EncodingScansOptions;
  /** By version. */
  readonly #detected = new LRUCache<string, DetectedEncoding>({ max: MAX_FILES });
  /** Those of which every file is known, for as long as the folders are. */
  readonly #folders = new WeakMap<FolderSnapshot, FolderEncodings>();
  /** By the name of the dictionary: a later version replaces an earlier one. */
  readonly #queue = new Map<string, FoundFiles>();
  readonly #closing = new AbortController();
  #running: Promise<void> | undefined;

  constructor(options: EncodingScansOptions) {
    this.#options = options;
  }

  /**
   * Returns what is known of a dictionary, after scans of as many unknown files as the budget
   * allows, and lets the others be scanned in the background. Throws the signal's reason.
   */
  async describe(name: string, found: FoundFiles, budget: ScanBudget, signal: AbortSignal): Promise<FolderEncodings> {
    const { files, snapshot } = found;
    const complete = snapshot && this.#folders.get(snapshot);
    if (complete !== undefined) return complete;
    const encodings = new FolderEncodings(snapshot !== undefined);
    const pace = new Pace(signal);
    let unknown = 0;
    for (const file of files) {
      if (pace.isExpired) await pace.yieldToEventLoop();
      const known = this.#known(file) ?? (await this.#scanWithin(budget, file, signal));
      if (known === undefined) unknown += 1;
      else encodings.add(file, known);
    }
    if (unknown > 0) this.#enqueue(name, found);
    else this.#complete(encodings, snapshot);
    return encodings;
  }

  /** Resolves when nothing is being scanned any more. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  /** Resolves when all that was to be scanned in the background has been. */
  async settled(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  #known({ path, version }: DictionaryFile): DetectedEncoding | undefined {
    const declared = declaredEncoding(path);
    return declared === undefined ? this.#detected.get(version) : { isDecoded: true, name: declared.name };
  }

  async #scanWithin(
    budget: ScanBudget,
    file: DictionaryFile,
    signal: AbortSignal,
  ): Promise<DetectedEncoding | undefined> {
    if (budget.files === 0 || maxTextBytes(file) > budget.bytes) return undefined;
    budget.files -= 1;
    budget.bytes -= file.bytes;
    return this.#scan(file, signal);
  }

  async #scan(file: DictionaryFile, signal: AbortSignal): Promise<DetectedEncoding> {
    let text: TextFile | undefined;
    try {
      text = TextFile.open({ ...this.#options, file });
      if (text === undefined || text.version !== file.version) return UNREADABLE;
      const detected = await text.detectEncoding(signal);
      // Nearly all texts have equal results: keep one object for them.
      if (!text.hasChanged()) this.#detected.set(file.version, detected.name === UTF8.name ? UTF8 : detected);
      return detected;
    } catch (error) {
      signal.throwIfAborted();
      // The damage lasts for as long as this version of the file.
      if (error instanceof AppError && error.code === 'damaged_dictionary') {
        this.#detected.set(file.version, UNREADABLE);
      }
      return UNREADABLE;
    } finally {
      text?.close();
    }
  }

  #enqueue(name: string, found: FoundFiles): void {
    if (this.#closing.signal.aborted || this.#queue.size >= MAX_QUEUED) return;
    this.#queue.set(name, found);
    this.#running ??= this.#runQueue(this.#closing.signal).finally(() => {
      this.#running = undefined;
    });
  }

  async #runQueue(signal: AbortSignal): Promise<void> {
    try {
      for (let [next] = this.#queue; next !== undefined; [next] = this.#queue) {
        const [name, found] = next;
        await this.#scanAll(found, new Pace(signal));
        // It may have been replaced by a later version.
        if (this.#queue.get(name) === found) this.#queue.delete(name);
      }
    } catch {
      // Closed meanwhile.
      this.#queue.clear();
    }
  }

  async #scanAll({ files, snapshot }: FoundFiles, pace: Pace): Promise<void> {
    const encodings = new FolderEncodings(snapshot !== undefined);
    for (const file of files) {
      if (pace.isExpired) await pace.yieldToEventLoop();
      encodings.add(file, this.#known(file) ?? (await this.#scan(file, pace.signal)));
    }
    this.#complete(encodings, snapshot);
  }

  #complete(encodings: FolderEncodings, snapshot: FolderSnapshot | undefined): void {
    encodings.isComplete = true;
    if (snapshot !== undefined) this.#folders.set(snapshot, encodings);
  }
}
