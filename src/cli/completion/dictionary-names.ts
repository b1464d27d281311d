// The names of the dictionaries of a running service, one per line.
import { createClient } from '../../client/index.js';
import { DEFAULT_URL } from '../search/search-options.js';

/** A person waits for the completion. */
const TIMEOUT_MS = 1_000;
const MAX_NAMES = 1_000;

/** Returns an empty text if the service can't be reached: a completion can't show errors. */
export async function listDictionaryNames(env: Record<string, string | undefined>): Promise<string> {
  try {
    const url = env.GREPD_URL || DEFAULT_URL;
    const client = createClient({ url, key: env.GREPD_API_KEY || undefined, retries: 0 });
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const { dictionaries } = await client.dictionaries({ nresults: MAX_NAMES }, { signal });
    // Names with white space or control characters need quoting, which differs between shells.
    const names = dictionaries.map(({ name }) => name).filter((name) => /^[\p{L}\p{N}_.,+@%/-]+$/u.test(name));
    return names.join('\n');
  } catch {
    return '';
  }
}
