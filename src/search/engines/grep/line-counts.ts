// How many lines the files of a dictionary have: counted once for each version of it.
import { LRUCache } from 'lru-cache';
import { EVERY_LINE } from '../../grep/run-grep.js';
import type { OpenDictionary } from './open-dictionary.js';
import type { PortionGrep } from './portion-grep.js';

interface Known {
  version: string;
  lines: ReadonlyMap<string, number>;
}

/** The approximate size of the cache. */
const MAX_BYTES = 16 * 1024 * 1024;
/** The approximate overhead of a Map entry, without its key. */
const ENTRY_BYTES = 100;

export class LineCounts {
  readonly #portionGrep: PortionGrep;
  /** By the names of the dictionaries. */
  readonly #known = new LRUCache<string, Known>({
    maxSize: MAX_BYTES,
    sizeCalculation: ({ lines }, name) =>
      [name, ...lines.keys()].reduce((sum, key) => sum + 2 * key.length + ENTRY_BYTES, 0),
  });

  constructor(portionGrep: PortionGrep) {
    this.#portionGrep = portionGrep;
  }

  recall(name: string, version: string | undefined): ReadonlyMap<string, number> | undefined {
    const known = this.#known.get(name);
    return known !== undefined && known.version === version ? known.lines : undefined;
  }

  /** By the paths of the files. */
  async count(name: string, dictionary: OpenDictionary, signal: AbortSignal): Promise<ReadonlyMap<string, number>> {
    const lines = new Map<string, number>();
    const question = { pattern: EVERY_LINE, dictionary, signal };
    for await (const portion of dictionary.portions(false, signal)) {
      const counts = await this.#portionGrep.counts(question, portion, { isReadAgain: false });
      for (const [file, count] of counts) lines.set(file, count);
    }
    const { version } = await dictionary.end();
    if (version !== undefined) this.#known.set(name, { version, lines });
    return lines;
  }
}
