// Filters of small files that are searched often: a term that no block can contain needs no grep,
// and for a rare one, grep reads only a few blocks.
import { LRUCache } from 'lru-cache';
import { BlockFilter } from '../../corpus/block-filter.js';
import { combineVersions } from '../../corpus/dictionary-file.js';
import { Pace } from '../../corpus/pace.js';
import type { TextFile } from '../../corpus/text-file.js';
import type { IndexCounts, IndexOutcome } from '../../search-counts.js';

/** Creating a filter takes about as long as so many searches. */
const MIN_USES = 8;
/** Unused for so long, a filter makes room for others, and uses are forgotten. */
const MAX_IDLE_MS = 60_000;
/** Reading a larger file at once would delay other requests. */
const MAX_TEXT_BYTES = 8 * 1024 * 1024;
/** The memory of all filters of a worker. */
const MAX_MEMORY_BYTES = 32 * 1024 * 1024;
/** What an entry takes beside its filter. */
const ENTRY_BYTES = 500;

interface Known {
  version: string;
  uses: number;
  filter?: BlockFilter;
}

export class SmallTexts {
  /** By path. */
  readonly #known = new LRUCache<string, Known>({
    ttl: MAX_IDLE_MS,
    updateAgeOnGet: true,
    maxSize: MAX_MEMORY_BYTES,
    sizeCalculation: ({ filter }, path) => ENTRY_BYTES + 2 * path.length + (filter?.bytes ?? 0),
  });
  readonly #closing = new AbortController();
  readonly #counts: IndexCounts;
  #creating: Promise<void> | undefined;

  constructor(counts: IndexCounts) {
    this.#counts = counts;
  }

  /** Counts searches that a filter has helped to answer. */
  count(outcome: IndexOutcome, searches: number): void {
    this.#counts.searches[outcome] += searches;
  }

  /**
   * Returns the filter of a text for a search, if there is one. Creates it in the background once
   * the text has been searched often enough.
   */
  filterFor(text: TextFile): BlockFilter | undefined {
    const known = this.#known.get(text.path);
    if (known?.version !== text.version) {
      this.#known.set(text.path, { version: text.version, uses: 1 });
      return undefined;
    }
    known.uses += 1;
    if (known.filter === undefined && known.uses >= MIN_USES) this.#tryCreate(text);
    return known.filter;
  }

  /** Resolves when no filter is being created any more. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#creating;
  }

  /** One at a time. The text is read now, since its search will close it. */
  #tryCreate(text: TextFile): void {
    if (this.#creating !== undefined || text.needsDecoding || text.file.bytes > MAX_TEXT_BYTES) return;
    if (combineVersions([text], Date.now()) === undefined) return;
    const { path, version } = text;
    const bytes = text.readWhole();
    if (text.hasChanged()) return;
    const isComplete = bytes.length === 0 || bytes.at(-1) === NEWLINE;
    const lines = isComplete ? bytes : Buffer.concat([bytes, Buffer.of(NEWLINE)]);
    this.#creating = BlockFilter.create(lines, new Pace(this.#closing.signal))
      .then(
        (filter) => this.#known.set(path, { version, uses: MIN_USES, filter }),
        () => {},
      )
      .then(() => {
        this.#creating = undefined;
      });
  }
}

const NEWLINE = 0x0a;
