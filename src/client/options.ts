// The options of a client, and their checks.

/** The part of `fetch` that the client uses. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface ClientOptions {
  /** Where grepd is, such as `https://example.com/grepd`: an absolute http: or https: URL. */
  url: string | URL;
  /** The API key, if the server requires one. */
  key?: string | undefined;
  /** Replaces the global `fetch`. */
  fetch?: Fetch | undefined;
  /** How often to retry a failed call, at most. 0 disables retries. Defaults to 3. */
  retries?: number | undefined;
  /**
   * The longest wait before a retry, in milliseconds. If the server asks for a longer one, the call
   * fails at once. Defaults to 30,000.
   */
  maxRetryDelayMs?: number | undefined;
  /**
   * How long the server may send nothing, before an answer and within it, in milliseconds. 0 means
   * any time. Defaults to 60,000. To limit a whole call, pass `AbortSignal.timeout()`.
   */
  timeoutMs?: number | undefined;
}

/** The options of one call. */
export interface CallOptions {
  /** Cancels the call, which then rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
}

export interface Settings {
  /** Ends with a slash. */
  base: string;
  headers: Record<string, string>;
  fetch: Fetch;
  retries: number;
  maxRetryDelayMs: number;
  timeoutMs: number;
}

const NAMES = ['url', 'key', 'fetch', 'retries', 'maxRetryDelayMs', 'timeoutMs'];

/** The longest delay of a timer: longer ones fire at once. */
const MAX_MS = 2 ** 31 - 1;

/** Throws a `TypeError` that names an invalid option. */
export function parseOptions(options: ClientOptions): Settings {
  if (typeof options !== 'object' || options === null) throw invalid('The options', 'an object with "url"', options);
  const unknown = Object.keys(options).find((name) => !NAMES.includes(name));
  if (unknown !== undefined)
    throw new TypeError(`"${unknown}" is not an option of createClient. Options: ${NAMES.join(', ')}.`);
  const { url, key, fetch, retries = 3, maxRetryDelayMs = 30_000, timeoutMs = 60_000 } = options;
  if (fetch !== undefined && typeof fetch !== 'function') throw invalid('"fetch"', 'a function like fetch', fetch);
  return {
    base: parseUrl(url),
    headers: key === undefined ? {} : { Authorization: `Bearer ${parseKey(key)}` },
    // Not the function itself: tests and polyfills replace it later, and browsers bind it to `window`.
    fetch: fetch ?? ((...request) => globalThis.fetch(...request)),
    retries: parseInteger('retries', retries, 1_000),
    maxRetryDelayMs: parseInteger('maxRetryDelayMs', maxRetryDelayMs, MAX_MS),
    timeoutMs: parseInteger('timeoutMs', timeoutMs, MAX_MS),
  };
}

/** Throws a `TypeError` that names an invalid option. */
export function checkCallOptions({ signal }: CallOptions): void {
  if (signal === undefined || typeof signal?.throwIfAborted === 'function') return;
  throw invalid('"signal"', 'an AbortSignal', signal);
}

function parseUrl(url: unknown): string {
  const parsed = URL.canParse(String(url)) ? new URL(String(url)) : undefined;
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol))
    throw invalid('"url"', 'an absolute http: or https: URL', url);
  if (parsed.username !== '' || parsed.password !== '') {
    throw new TypeError('"url" must not contain credentials. Use the option "key" for an API key.');
  }
  return `${parsed.origin}${parsed.pathname.replace(/\/*$/, '/')}`;
}

function parseKey(key: unknown): string {
  // The characters of a bearer token (RFC 6750). The message doesn't reveal the key.
  if (typeof key === 'string' && /^[\w.~+/=-]+$/.test(key)) return key;
  throw new TypeError('"key" must consist of letters, digits and the characters . _ ~ + / = -');
}

function parseInteger(name: string, value: unknown, max: number): number {
  if (Number.isInteger(value) && Number(value) >= 0 && Number(value) <= max) return Number(value);
  throw invalid(`"${name}"`, `an integer from 0 to ${max}`, value);
}

function invalid(what: string, expected: string, value: unknown): TypeError {
  const got = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return new TypeError(`${what} must be ${expected}, got ${got}.`);
}
