// Asks a numbers API over HTTP.
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, type Dispatcher, request } from 'undici';
import { AppError, isExhausted } from '../errors.js';
import { NumbersFailed, type NumbersSource } from './numbers-source.js';

export interface NumbersApi {
  /** What answers a GET with a JSON array of numbers: http or https. */
  url: string;
  connectTimeoutMs: number;
  maxBytes: number;
}

/** The pauses before the second try and the third. */
const BACKOFF_MS = [100, 400];

/** "Not now", from the API or from what stands before it. Other failures would be the same the next time. */
const RETRIED_STATUSES = new Set([429, 502, 503, 504]);

/**
 * The whole takes as long as it takes: whoever asks ends it. A connection that fails before there is an answer is tried again, as a GET may be
 * (RFC 9110, section 9.2.2); an answer that breaks off is not, as a large one would then be sent again and again.
 */
export function numbersClient(api: NumbersApi): NumbersSource {
  return { read: () => readNumbers(api) };
}

async function* readNumbers(api: NumbersApi): AsyncGenerator<Uint8Array, void, void> {
  const { connectTimeoutMs, maxBytes } = api;
  const agent = new Agent({ connect: { timeout: connectTimeoutMs }, headersTimeout: 0, bodyTimeout: 0 });
  try {
    const { headers, body } = await begin(api.url, agent);
    const tooLarge = `The answer of the numbers API is larger than ${maxBytes} bytes.`;
    if (Number(headers['content-length']) > maxBytes) throw new NumbersFailed(tooLarge);
    let received = 0;
    try {
      for await (const piece of body as AsyncIterable<Uint8Array>) {
        received += piece.length;
        if (received > maxBytes) throw new NumbersFailed(tooLarge);
        yield piece;
      }
    } catch (error) {
      if (error instanceof NumbersFailed) throw error;
      const what = isConnectionLost(error) ? 'is cut off' : 'can not be read';
      const message = `The answer of the numbers API ${what} after ${received} bytes: ${reasonOf(error)}.`;
      throw new NumbersFailed(message, { cause: error });
    }
  } finally {
    await agent.destroy();
  }
}

/** An answer that is as it should be, so far. */
async function begin(url: string, dispatcher: Agent): Promise<Dispatcher.ResponseData> {
  for (let tries = 0; ; tries += 1) {
    const outcome = await ask(url, dispatcher);
    if ('body' in outcome) return outcome;
    const pauseMs = BACKOFF_MS[tries];
    if (!outcome.mayPass || pauseMs === undefined) throw outcome.failure;
    await sleep(pauseMs);
  }
}

/** What is wrong, and whether it may be better soon. */
interface Failure {
  failure: Error;
  mayPass: boolean;
}

async function ask(url: string, dispatcher: Agent): Promise<Dispatcher.ResponseData | Failure> {
  try {
    const answer = await request(url, { dispatcher, headers: { Accept: 'application/json' } });
    const { statusCode, headers, body } = answer;
    const encoding = String(headers['content-encoding'] ?? 'identity');
    if (statusCode === 200 && encoding.toLowerCase() === 'identity') return answer;
    // Nobody will read it, and it may never end.
    body.on('error', () => {}).destroy();
    if (statusCode === 200) {
      const failure = new NumbersFailed(`The answer of the numbers API has the Content-Encoding ${encoding}.`);
      return { failure, mayPass: false };
    }
    const failure = new NumbersFailed(`The numbers API answered with status ${statusCode}.`);
    // One that says when to come again is not pressed.
    return { failure, mayPass: RETRIED_STATUSES.has(statusCode) && headers['retry-after'] === undefined };
  } catch (cause) {
    if (isExhausted(cause)) {
      const failure = new AppError('too_busy', 'The machine can open no more connections just now.', { cause });
      return { failure, mayPass: false };
    }
    const mayPass = isConnectionLost(cause);
    const what = mayPass ? 'The numbers API does not answer' : 'The answer of the numbers API can not be read';
    return { failure: new NumbersFailed(`${what}: ${reasonOf(cause)}.`, { cause }), mayPass };
  }
}

/** What the system and undici say where there is no connection, or no longer one. */
const CONNECTION_LOST = new Set([
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

function isConnectionLost(error: unknown): boolean {
  return CONNECTION_LOST.has((error as NodeJS.ErrnoException).code ?? '');
}

/** What the system or undici calls it: `ECONNREFUSED`. */
function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
}
