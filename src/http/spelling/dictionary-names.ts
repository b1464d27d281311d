// The names of the dictionaries, for a request that has already failed.
import { TtlCache } from '../../concurrency/ttl-cache.js';
import type { SearchEngine } from '../../search/engine.js';

/** How old the names may get before a failed request causes another listing. */
const TTL_MS = 10_000;

/** How long a failed request waits for the first listing. */
const MAX_WAIT_MS = 250;

/** How long a listing may take, for the requests that follow. */
const LISTING_TIMEOUT_MS = 5_000;

export class DictionaryNames {
  readonly #list: TtlCache<readonly string[]>;
  #latest: readonly string[] | undefined;

  constructor(engine: Pick<SearchEngine, 'dictionaries'>) {
    this.#list = new TtlCache(async (signal) => {
      const { dictionaries } = await engine.dictionaries(signal);
      const names = dictionaries.map(({ name }) => name);
      this.#latest = names;
      return names;
    }, TTL_MS);
  }

  /**
   * Returns the names of an earlier listing, and refreshes them in the background. Waits a little
   * for the first listing. Never rejects.
   */
  async get(): Promise<readonly string[]> {
    const listed = this.#list.get(AbortSignal.timeout(LISTING_TIMEOUT_MS)).catch(() => this.#latest ?? []);
    if (this.#latest !== undefined) return this.#latest;
    let timer: NodeJS.Timeout | undefined;
    const waited = new Promise<readonly string[]>((resolve) => {
      timer = setTimeout(() => resolve([]), MAX_WAIT_MS);
    });
    try {
      return await Promise.race([listed, waited]);
    } finally {
      clearTimeout(timer);
    }
  }
}
