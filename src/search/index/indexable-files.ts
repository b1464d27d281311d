// Which files can be indexed.
import { join } from 'node:path';
import { isCompressed } from '../corpus/compressed.js';
import { type DictionaryFile, TIMESTAMP_RESOLUTION_MS } from '../corpus/dictionary-file.js';
import { isLocal } from '../corpus/local-file-system.js';
import { isEncoded } from './is-encoded.js';

/**
 * Why a file can't be indexed. Its times must show any later change, which those of files that
 * changed just now (`recent`) or are on another machine (`remote`) may not. Of compressed files and
 * those that aren't in UTF-8 (`encoded`), no part can be read alone.
 */
export type Obstacle = 'compressed' | 'encoded' | 'recent' | 'remote';

/** Returns the obstacle of each file, or `undefined` for those that can be indexed. */
export function obstaclesOf(files: readonly DictionaryFile[], root: string): (Obstacle | undefined)[] {
  const locality = new Map<string, boolean>();
  return files.map((file) => {
    const { path, realPath, id } = file;
    if (isCompressed(path)) return 'compressed';
    if (isEncoded(file, root)) return 'encoded';
    if (isRecent(file)) return 'recent';
    const [device = ''] = id.split(':', 1);
    const local = locality.get(device) ?? isLocal(join(root, realPath));
    locality.set(device, local);
    return local ? undefined : 'remote';
  });
}

export function indexableFiles(files: readonly DictionaryFile[], root: string): DictionaryFile[] {
  const obstacles = obstaclesOf(files, root);
  return files.filter((_, at) => obstacles[at] === undefined);
}

/** Whether a file changed so recently that another change might not show in its times. */
export function isRecent({ changedMs }: DictionaryFile): boolean {
  return changedMs > Date.now() - TIMESTAMP_RESOLUTION_MS;
}
