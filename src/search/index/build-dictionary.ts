// Builds or updates the index of one dictionary, and replaces the old one when it is complete.
import { closeSync, openSync, renameSync, rmSync } from 'node:fs';
import type { Dictionaries } from '../corpus/dictionaries.js';
import type { DictionaryFile } from '../corpus/dictionary-file.js';
import { TextFile } from '../corpus/text-file.js';
import { IndexBuilder, unusableShare } from './index-builder.js';
import { IndexFile } from './index-file.js';
import { UnusableIndexError } from './index-header.js';
import type { IndexStore } from './index-store.js';
import { indexableFiles } from './indexable-files.js';
import { NoRoomError, renderMib } from './no-room-error.js';

export interface BuildOptions {
  dictionaries: Dictionaries;
  store: IndexStore;
  dictionary: string;
  /** The maximum size of all indexes together, including the old one while it is replaced. */
  maxBytes: number;
  blockBytes?: number;
  /** Gets the number of bytes of the text that were read, or needed no reading. */
  onProgress?: (bytes: number) => void;
}

/**
 * `skipped`: nothing can be indexed now, because all files are compressed or encoded, changed just
 * now, or are on a file system of another machine.
 */
export type BuildResult = { outcome: 'built'; textBytes: number; indexBytes: number } | { outcome: 'skipped' };

/** The index takes at most about this share of the text, and at least this size. */
const MAX_INDEX_SHARE = 0.13;
const MIN_INDEX_BYTES = 512 * 1024;
/** If more of the old columns would be unused, the index is built anew. */
const MAX_UNUSED_SHARE = 0.3;

/** Throws AppErrors of the dictionary, NoRoomError, and system errors. */
export async function buildDictionary(options: BuildOptions): Promise<BuildResult> {
  const { dictionaries, store, dictionary } = options;
  const files = indexableFiles(await dictionaries.files(dictionary), dictionaries.root.path);
  if (files.length === 0) return { outcome: 'skipped' };
  const textBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const previous = openPrevious(options, files, textBytes);
  let indexBytes: number | undefined;
  try {
    indexBytes = replaceIndex(options, files, previous);
  } catch (error) {
    if (!(error instanceof UnusableIndexError)) throw error;
    // The old index is damaged.
    store.remove(dictionary);
    indexBytes = replaceIndex(options, files, undefined);
  } finally {
    previous?.release();
  }
  return indexBytes === undefined ? { outcome: 'skipped' } : { outcome: 'built', textBytes, indexBytes };
}

/** Returns the size of the index, or `undefined` if no file could be indexed. */
function replaceIndex(
  options: BuildOptions,
  files: readonly DictionaryFile[],
  previous: IndexFile | undefined,
): number | undefined {
  const { store, dictionary } = options;
  const draftPath = store.draftPathOf(dictionary);
  const fd = openSync(draftPath, 'wx', 0o600);
  try {
    const indexBytes = writeIndex(options, { fd, files, previous });
    if (indexBytes !== undefined) renameSync(draftPath, store.pathOf(dictionary));
    return indexBytes;
  } finally {
    closeSync(fd);
    rmSync(draftPath, { force: true });
  }
}

/** Returns `undefined` if no file could be indexed. */
function writeIndex(
  { dictionaries, store, dictionary, maxBytes, blockBytes, onProgress }: BuildOptions,
  { fd, files, previous }: { fd: number; files: readonly DictionaryFile[]; previous: IndexFile | undefined },
): number | undefined {
  const root = dictionaries.root.path;
  // The text may need more than was estimated.
  const room = maxBytes - store.bytes;
  const builder = new IndexBuilder({ fd, dictionary, root, previous, blockBytes, maxBytes: room, onProgress });
  for (const file of files) {
    const text = TextFile.open({ root, file, maxDecompressedBytes: 0 });
    if (text === undefined) continue;
    try {
      const { fd, identity, textOffset, version, needsDecoding } = text;
      if (version !== file.version || needsDecoding) continue;
      builder.add({ path: file.path, fd, identity, textOffset }, () => !text.hasChanged());
    } finally {
      text.close();
    }
  }
  return builder.isEmpty ? undefined : builder.finish();
}

/**
 * Opens the old index if enough of it can be used again. Removes it if both take too much space
 * together.
 */
function openPrevious(
  { store, dictionary, maxBytes }: BuildOptions,
  files: readonly DictionaryFile[],
  textBytes: number,
): IndexFile | undefined {
  const path = store.pathOf(dictionary);
  const needed = MIN_INDEX_BYTES + MAX_INDEX_SHARE * textBytes;
  if (store.bytes + needed > maxBytes) rmSync(path, { force: true });
  const others = store.bytes;
  if (others + needed > maxBytes) {
    throw new NoRoomError(
      `The index may take ${renderMib(needed)}, and the others take ${renderMib(others)} of ${renderMib(maxBytes)}`,
    );
  }
  const previous = openUsable(path);
  if (previous === undefined || unusableShare(previous, files) <= MAX_UNUSED_SHARE) return previous;
  previous.release();
  return undefined;
}

function openUsable(path: string): IndexFile | undefined {
  try {
    return IndexFile.open(path);
  } catch (error) {
    if (error instanceof UnusableIndexError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
