// The names of the dictionaries, for a request that has already failed.
import { TtlCache } from '../../concurrency/ttl-cache.js';
import type { SearchEngine } from '../../search/engine.js';

/** How stale the names may be. Many failed requests then cause few listings. */
const TTL_MS = 10_000;

/** How long a failed request waits for a listing. */
const MAX_WAIT_MS = 100;

/** How long a listing may take, for the requests that follow. */
const LISTING_TIMEOUT_MS = 5_000;

export class DictionaryNames {
  readonly #list: TtlCache<readonly string[]>;
  #latest: readonly string[] = [];

  constructor(engine: Pick<SearchEngine, 'dictionaries'>) {
    this.#list = new TtlCache(async (signal) => {
      const { dictionaries } = await engine.dictionaries(signal);
      this.#latest = dictionaries.map(({ name }) => name);
      return this.#latest;
    }, TTL_MS);
  }

  /** Returns the names that are known within 100 ms, even if they are stale or none. Never rejects. */
  async get(): Promise<readonly string[]> {
    const listed = this.#list.get(AbortSignal.timeout(LISTING_TIMEOUT_MS)).catch(() => this.#latest);
    let timer: NodeJS.Timeout | undefined;
    const waited = new Promise<readonly string[]>((resolve) => {
      timer = setTimeout(() => resolve(this.#latest), MAX_WAIT_MS);
    });
    try {
      return await Promise.race([listed, waited]);
    } finally {
      clearTimeout(timer);
    }
  }
}
