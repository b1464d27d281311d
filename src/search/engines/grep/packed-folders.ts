// Packs the texts of small folders, once for each version, and keeps them for later searches.
import { LRUCache } from 'lru-cache';
import { raceAbort } from '../../../concurrency/race-abort.js';
import { AppError } from '../../../errors.js';
import { freeBytes } from '../../../process/unlinked-file.js';
import { NotFoundError } from '../../corpus/dictionary-root.js';
import type { FolderSnapshot } from '../../corpus/folder-snapshot.js';
import { hasProc } from '../../corpus/open-beneath.js';
import { Pace } from '../../corpus/pace.js';
import { type OpenPackedFolder, type PackedFolder, Packer } from '../../corpus/packed-folder.js';
import { TextFile } from '../../corpus/text-file.js';
import { maxOpenFiles } from './open-files.js';

/** Larger folders take too much memory. */
export const MAX_PACKED_BYTES = 16 * 1024 * 1024;
/** Packing more takes longer than a search in the files themselves, so the search doesn't wait. */
const MAX_AWAITED_BYTES = 4 * 1024 * 1024;
const MAX_PACKED_FILES = 10_000;
/** The memory for all packed folders of a worker. */
const MAX_TOTAL_BYTES = 4 * MAX_PACKED_BYTES;
/** Unused for so long, a packed folder makes room for others. */
const MAX_IDLE_MS = 60_000;
/** What a file of a folder takes beside its text. */
const FILE_BYTES = 400;
/** How much of the free space a packed folder may take. */
const MAX_SHARE = 0.25;

export interface PackedFoldersOptions {
  /** The absolute path of the root. */
  root: string;
  /** The maximum size of the text of a file that needs decoding. */
  maxDecompressedBytes: number;
  /** Counts their size, for the metrics. */
  counts: { packedBytes: number };
}

interface Kept {
  snapshot: FolderSnapshot;
  /** `undefined` if it can't be packed. */
  packed: PackedFolder | undefined;
}

/** Whether a folder can be packed, unless its texts are too large. */
export function isPackable({ isSettled, bytes, files }: FolderSnapshot): boolean {
  return hasProc && isSettled && bytes <= MAX_PACKED_BYTES && files.length > 1 && files.length <= MAX_PACKED_FILES;
}

export class PackedFolders {
  readonly #options: PackedFoldersOptions;
  /** By the name of the dictionary. */
  readonly #kept = new LRUCache<string, Kept>({
    ttl: MAX_IDLE_MS,
    updateAgeOnGet: true,
    // Each keeps a file open.
    max: maxOpenFiles,
    maxSize: MAX_TOTAL_BYTES,
    sizeCalculation: ({ snapshot, packed }, name) =>
      (packed?.memoryBytes ?? 0) + FILE_BYTES * snapshot.files.length + 2 * name.length,
    dispose: ({ packed }) => packed?.close(),
  });
  readonly #packing = new Map<FolderSnapshot, Promise<void>>();
  readonly #closing = new AbortController();

  constructor(options: PackedFoldersOptions) {
    this.#options = options;
  }

  /**
   * Opens a packable folder for one search. Returns `undefined` if it isn't packed: because that is
   * impossible, or takes so long that only later searches can use it. Throws NotFoundError if a
   * file has changed, `too_busy`, or the signal's reason.
   */
  async open(name: string, snapshot: FolderSnapshot, signal: AbortSignal): Promise<OpenPackedFolder | undefined> {
    if (this.#kept.get(name)?.snapshot !== snapshot) {
      if (snapshot.bytes <= MAX_AWAITED_BYTES) await raceAbort(this.#packOnce(name, snapshot), signal);
      else if (this.#mayPackInBackground(snapshot)) void this.#packOnce(name, snapshot);
    }
    const kept = this.#kept.get(name);
    return kept?.snapshot === snapshot ? kept.packed?.open() : undefined;
  }

  /** Resolves when nothing is being packed any more. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#packing.values());
    this.#kept.clear();
  }

  #packOnce(name: string, snapshot: FolderSnapshot): Promise<void> {
    const running = this.#packing.get(snapshot);
    if (running !== undefined) return running;
    const packing = this.#packAndKeep(name, snapshot).finally(() => this.#packing.delete(snapshot));
    // Nobody may wait for it any more.
    packing.catch(() => {});
    this.#packing.set(snapshot, packing);
    return packing;
  }

  /** One at a time, and only if there is room: folders in turn use must not evict one another. */
  #mayPackInBackground({ bytes }: FolderSnapshot): boolean {
    this.#kept.purgeStale();
    return this.#packing.size === 0 && this.#kept.calculatedSize + 2 * bytes <= MAX_TOTAL_BYTES;
  }

  async #packAndKeep(name: string, snapshot: FolderSnapshot): Promise<void> {
    this.#kept.set(name, { snapshot, packed: await this.#pack(snapshot, this.#closing.signal) });
    const kept = [...this.#kept.values()];
    this.#options.counts.packedBytes = kept.reduce((sum, { packed }) => sum + (packed?.memoryBytes ?? 0), 0);
  }

  async #pack(snapshot: FolderSnapshot, signal: AbortSignal): Promise<PackedFolder | undefined> {
    const packer = new Packer(Math.min(MAX_PACKED_BYTES, MAX_SHARE * freeBytes()));
    const { root, maxDecompressedBytes } = this.#options;
    const pace = new Pace(signal);
    for (const file of snapshot.files) {
      if (pace.isExpired) await pace.yieldToEventLoop();
      const text = TextFile.open({ root, file, maxDecompressedBytes });
      if (text === undefined) throw new NotFoundError();
      try {
        if (text.version !== file.version) throw new NotFoundError();
        const bytes = text.needsDecoding ? await decode(text, signal) : text.readWhole();
        if (text.hasChanged()) throw new NotFoundError();
        if (bytes === undefined || !packer.add(file, bytes)) return undefined;
      } finally {
        text.close();
      }
    }
    return packer.pack(pace);
  }
}

/** Returns `undefined` if the file is damaged, or too large. */
async function decode(text: TextFile, signal: AbortSignal): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of text.read(signal)) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > MAX_PACKED_BYTES) return undefined;
    }
  } catch (error) {
    // A search that reads the file itself reports the damage.
    if (error instanceof AppError && error.code === 'damaged_dictionary') return undefined;
    throw error;
  }
  return Buffer.concat(chunks);
}
