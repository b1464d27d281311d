// An HTTP client for the numbers API.
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, type Dispatcher, request } from 'undici';
import { AppError, isExhausted } from '../errors.js';
import { NumbersError, type NumbersSource } from './numbers-source.js';

export interface NumbersApi {
  /** An http or https URL that returns a JSON array of numbers. */
  url: string;
  connectTimeoutMs: number;
  /** The maximum size of the response body. */
  maxBytes: number;
}

/** The delays before the second and the third attempt. */
const BACKOFF_MS = [100, 400];

/** Temporary failures of the API or of a proxy. Other statuses would most likely recur. */
const RETRYABLE_STATUSES = new Set([429, 502, 503, 504]);

/**
 * Has only a connect timeout: the caller stops reading when its own expires. Retries a request that
 * fails before its response begins, which is safe for GET (RFC 9110, section 9.2.2), but not one
 * whose response breaks off: a large response would be sent again and again.
 */
export function createNumbersClient(api: NumbersApi): NumbersSource {
  return { read: (headers = {}) => readNumbers(api, headers) };
}

async function* readNumbers(
  { url, connectTimeoutMs, maxBytes }: NumbersApi,
  traceHeaders: Record<string, string>,
): AsyncGenerator<Uint8Array, void, void> {
  const agent = new Agent({ connect: { timeout: connectTimeoutMs }, headersTimeout: 0, bodyTimeout: 0 });
  try {
    const { headers, body } = await requestWithRetries(url, {
      dispatcher: agent,
      headers: { Accept: 'application/json', ...traceHeaders },
    });
    const tooLarge = `The response of the numbers API is larger than ${maxBytes} bytes.`;
    if (Number(headers['content-length']) > maxBytes) throw new NumbersError(tooLarge);
    let receivedBytes = 0;
    try {
      for await (const chunk of body as AsyncIterable<Uint8Array>) {
        receivedBytes += chunk.length;
        if (receivedBytes > maxBytes) throw new NumbersError(tooLarge);
        yield chunk;
      }
    } catch (error) {
      if (error instanceof NumbersError) throw error;
      const problem = isConnectionError(error) ? 'breaks off' : 'is not valid HTTP';
      const message = `The response of the numbers API ${problem} after ${receivedBytes} bytes: ${reasonOf(error)}.`;
      throw new NumbersError(message, { cause: error });
    }
  } finally {
    await agent.destroy();
  }
}

/** Returns the first usable response. */
async function requestWithRetries(url: string, options: RequestOptions): Promise<Dispatcher.ResponseData> {
  for (let attempts = 0; ; attempts += 1) {
    const outcome = await requestOnce(url, options);
    if ('body' in outcome) return outcome;
    const delayMs = BACKOFF_MS[attempts];
    if (!outcome.isRetryable || delayMs === undefined) throw outcome.error;
    await sleep(delayMs);
  }
}

interface RequestOptions {
  dispatcher: Agent;
  headers: Record<string, string>;
}

interface Failure {
  error: Error;
  isRetryable: boolean;
}

async function requestOnce(url: string, options: RequestOptions): Promise<Dispatcher.ResponseData | Failure> {
  try {
    const response = await request(url, options);
    const { statusCode, headers, body } = response;
    const encoding = String(headers['content-encoding'] ?? 'identity');
    if (statusCode === 200 && encoding.toLowerCase() === 'identity') return response;
    // The body isn't needed, and may never end.
    body.on('error', () => {}).destroy();
    if (statusCode === 200) {
      const message = `The numbers API must not encode its response, got "Content-Encoding: ${encoding}".`;
      return { error: new NumbersError(message), isRetryable: false };
    }
    const error = new NumbersError(`The numbers API responded with status ${statusCode}.`);
    // With Retry-After, the API requests a longer delay than ours.
    return { error, isRetryable: RETRYABLE_STATUSES.has(statusCode) && headers['retry-after'] === undefined };
  } catch (cause) {
    if (isExhausted(cause)) {
      const error = new AppError('too_busy', "The machine can't open more connections right now.", { cause });
      return { error, isRetryable: false };
    }
    const isRetryable = isConnectionError(cause);
    const problem = isRetryable
      ? "The numbers API can't be reached"
      : 'The response of the numbers API is not valid HTTP';
    return { error: new NumbersError(`${problem}: ${reasonOf(cause)}.`, { cause }), isRetryable };
  }
}

/** Codes of the system and of undici for a connection that fails or is lost. */
const CONNECTION_ERRORS = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_SOCKET',
]);

function isConnectionError(error: unknown): boolean {
  return CONNECTION_ERRORS.has((error as NodeJS.ErrnoException).code ?? '');
}

/** The code, such as `ECONNREFUSED`, if there is one. */
function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
}
