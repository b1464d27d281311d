// Which failures are worth a retry, and when.
import { ApiError, ConnectionError } from './errors.js';
import type { CallOptions, Settings } from './options.js';

const FIRST_DELAY_MS = 250;

type Limits = Pick<Settings, 'retries' | 'maxRetryDelayMs'>;

/** Retries failures that may be transient. All calls are read-only, so repeating them is safe. */
export async function withRetries<Result>(
  attempt: () => Promise<Result>,
  { retries, maxRetryDelayMs }: Limits,
  { signal }: CallOptions,
): Promise<Result> {
  for (let failures = 0; ; failures++) {
    try {
      return await attempt();
    } catch (error) {
      const delayMs =
        failures < retries && isTransient(error) ? retryDelayMs(error, failures, maxRetryDelayMs) : undefined;
      if (delayMs === undefined) throw error;
      await sleep(delayMs, signal);
    }
  }
}

/** Whether a failure may be transient. A search that timed out would only load the server again. */
function isTransient(error: unknown): boolean {
  if (error instanceof ConnectionError) return true;
  if (!(error instanceof ApiError)) return false;
  // A proxy answers 502 while grepd restarts.
  return error.Code === 429 || error.Code === 503 || (error.Code === 502 && error.code === undefined);
}

/**
 * Returns how long to wait before a retry, in milliseconds: not less than the server asks for, and
 * not less than a delay that doubles with each failure and is partly random, so that clients spread
 * out. Returns `undefined` if the server asks for more than the maximum.
 */
export function retryDelayMs(error: unknown, failures: number, maxDelayMs: number): number | undefined {
  const { retryAfter = 0 } = error as Partial<ApiError>;
  const requestedMs = retryAfter * 1_000;
  if (requestedMs > maxDelayMs) return undefined;
  const backoffMs = Math.min(FIRST_DELAY_MS * 2 ** failures, maxDelayMs) * (0.5 + Math.random() / 2);
  return Math.max(requestedMs, backoffMs);
}

function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => {
      signal?.removeEventListener('abort', abort);
      resolve();
    };
    const timer = setTimeout(end, ms);
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort, { once: true });
  });
}
