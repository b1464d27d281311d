// Asks a numbers API over HTTP.
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, type Dispatcher, request } from 'undici';
import { NumbersFailed, type NumbersSource } from './numbers-source.js';

export interface NumbersApi {
  /** What answers a GET with a JSON array of numbers: http or https. */
  url: string;
  connectTimeoutMs: number;
  mostBytes: number;
}

/** The pauses before the second try and the third. */
const BACKOFF_MS = [100, 400];

/** "Not now", from the API or from what stands before it. Other failures would be the same the next time. */
const RETRIED_STATUSES = new Set([429, 502, 503, 504]);

/**
 * The whole takes as long as it takes: whoever asks ends it. What fails before an answer begins is tried again, as a GET may be (RFC 9110, section
 * 9.2.2); an answer that breaks off is not, as a large one would then be sent again and again.
 */
export function numbersClient(api: NumbersApi): NumbersSource {
  return { read: () => readNumbers(api) };
}

async function* readNumbers(api: NumbersApi): AsyncGenerator<Uint8Array, void, void> {
  const { connectTimeoutMs, mostBytes } = api;
  const agent = new Agent({ connect: { timeout: connectTimeoutMs }, headersTimeout: 0, bodyTimeout: 0 });
  try {
    const { headers, body } = await begin(api.url, agent);
    const tooLarge = `The answer of the numbers API is larger than ${mostBytes} bytes.`;
    if (Number(headers['content-length']) > mostBytes) throw new NumbersFailed(tooLarge);
    let received = 0;
    try {
      for await (const piece of body as AsyncIterable<Uint8Array>) {
        received += piece.length;
        if (received > mostBytes) throw new NumbersFailed(tooLarge);
        yield piece;
      }
    } catch (error) {
      if (error instanceof NumbersFailed) throw error;
      throw new NumbersFailed(`The answer of the numbers API is cut off after ${received} bytes: ${reasonOf(error)}.`, {
        cause: error,
      });
    }
  } finally {
    await agent.destroy();
  }
}

/** An answer that is as it should be, so far. */
async function begin(url: string, dispatcher: Agent): Promise<Dispatcher.ResponseData> {
  for (let tries = 0; ; tries += 1) {
    const pauseMs = BACKOFF_MS[tries];
    const outcome = await request(url, { dispatcher, headers: { Accept: 'application/json' } }).catch(
      (error) => error as Error,
    );
    if (outcome instanceof Error) {
      if (pauseMs === undefined) {
        throw new NumbersFailed(`The numbers API does not answer: ${reasonOf(outcome)}.`, { cause: outcome });
      }
    } else {
      const { statusCode, headers, body } = outcome;
      if (statusCode === 200 && headers['content-encoding'] === undefined) return outcome;
      await body.dump();
      if (statusCode === 200)
        throw new NumbersFailed(
          `The answer of the numbers API has a Content-Encoding, ${headers['content-encoding']}.`,
        );
      // One that asks for a longer pause is not pressed.
      const isAskedToWait = Number(headers['retry-after']) > 0;
      if (!RETRIED_STATUSES.has(statusCode) || isAskedToWait || pauseMs === undefined) {
        throw new NumbersFailed(`The numbers API answered with status ${statusCode}.`);
      }
    }
    await sleep(pauseMs);
  }
}

/** What the system or undici calls it: `ECONNREFUSED`. */
function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
}
