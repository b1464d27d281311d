// Builds indexes with blocks of any size, of files that changed just now. Not a test file itself.
import { closeSync, openSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { Dictionaries } from '../../../src/search/corpus/dictionaries.js';
import { TextFile } from '../../../src/search/corpus/text-file.js';
import { IndexBuilder } from '../../../src/search/index/index-builder.js';
import { HEADER_BYTES } from '../../../src/search/index/index-header.js';
import type { IndexOptions } from '../../../src/search/index/index-options.js';
import { IndexStore } from '../../../src/search/index/index-store.js';
import { isEncoded } from '../../../src/search/index/is-encoded.js';

export interface IndexSettings {
  dictionariesDir: string;
  /** The folder for indexes. */
  dir: string;
  /** Each line is a block by default. */
  blockBytes?: number;
  maxColumns?: number;
  /** Whether the index lacks a file. */
  isLeftOut?: (path: string) => boolean;
}

/** Indexes the files of every dictionary. Returns the names of those with an index. */
export async function buildIndexes(settings: IndexSettings): Promise<string[]> {
  const dictionaries = await Dictionaries.open(settings.dictionariesDir);
  const { dictionaries: all } = await dictionaries.list(new AbortController().signal);
  const names: string[] = [];
  for (const { name } of all) if (await buildIndex(name, settings)) names.push(name);
  return names;
}

/** Returns the path of the index, or `undefined` if there is nothing to index. */
export async function buildIndex(dictionary: string, settings: IndexSettings): Promise<string | undefined> {
  const { dictionariesDir, dir, blockBytes = 1, maxColumns, isLeftOut = () => false } = settings;
  const dictionaries = await Dictionaries.open(dictionariesDir);
  const root = dictionaries.root.path;
  const store = new IndexStore(dir, root);
  store.create();
  const path = store.pathOf(dictionary);
  store.remove(dictionary);
  const files = await dictionaries.files(dictionary);
  const indexed = files.filter((file) => !isEncoded(file, root)).filter(({ path }) => !isLeftOut(path));
  if (indexed.length === 0) return undefined;
  const fd = openSync(path, 'wx');
  try {
    const builder = new IndexBuilder({
      fd,
      dictionary,
      root,
      blockBytes,
      bytesPerRow: 0,
      ...(maxColumns && { maxColumns }),
    });
    for (const file of indexed) {
      const text = TextFile.open({ root, file, maxDecompressedBytes: 0 }) as TextFile;
      const { identity, textOffset } = text;
      builder.add({ path: file.path, fd: text.fd, identity, textOffset }, () => true);
      text.close();
    }
    builder.finish();
    return path;
  } finally {
    closeSync(fd);
  }
}

export interface Rejection {
  dictionary: string;
  reason: string;
}

/** Options for an engine that uses indexes whenever it can, but builds none. */
export function usedIndexes(dir: string, rejections: Rejection[] = []): IndexOptions {
  return {
    dir,
    minBytes: Number.MAX_SAFE_INTEGER,
    maxBytes: Number.MAX_SAFE_INTEGER,
    maxShare: 1,
    log: {
      onBuildStart: () => {},
      onBuildEnd: () => {},
      onBuildFailed: ({ error }) => {
        throw error;
      },
      onRejected: (rejection) => rejections.push(rejection),
    },
  };
}

/** Returns a header of another format version, with a correct checksum. */
export function withVersion(header: Buffer, version: number): Buffer {
  const changed = Buffer.from(header.subarray(0, HEADER_BYTES));
  changed.writeUInt32LE(version, 8);
  changed.writeUInt32LE(crc32(changed.subarray(0, HEADER_BYTES - 4)), HEADER_BYTES - 4);
  return changed;
}
