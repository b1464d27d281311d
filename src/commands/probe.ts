// Asks a running grepd how it is, as a client would; and the system, whether there can be one.
import { once } from 'node:events';
import { createServer } from 'node:net';
import { type Dispatcher, request } from 'undici';
import type { Config } from '../config/config.js';
import { cannotListen } from '../config/listen-address.js';
import { errorKinds, OperatorError } from '../errors.js';
import { API_ROUTE, routes } from '../http/routes.js';
import type { DictionaryList } from '../search/engine.js';

const LIMIT_MS = 5_000;

/** Where a client on this machine finds the service. */
export function originOf({ HOST, PORT }: Config): string {
  const host = HOST === '0.0.0.0' ? '127.0.0.1' : HOST === '::' ? '::1' : HOST;
  return `http://${host.includes(':') ? `[${host}]` : host}:${PORT}`;
}

/** PM2 would start the workers again and again where the address is taken. Throws an OperatorError. */
export async function checkAddress(config: Config): Promise<void> {
  if (config.PORT === 0) throw new OperatorError('"PORT" must be an integer from 1 to 65535 under PM2, got 0');
  const probe = createServer().listen(config.PORT, config.HOST);
  try {
    await once(probe, 'listening');
  } catch (error) {
    throw cannotListen(config, error);
  }
  probe.close();
  await once(probe, 'close');
}

export async function isReady(origin: string): Promise<boolean> {
  return (await unreadiness(origin)) === undefined;
}

/** Why the service is not ready, in its own words where it says so. Nothing where it is. */
export async function unreadiness(origin: string): Promise<string | undefined> {
  try {
    const answer = await ask(origin + routes.readyz.path);
    return isOk(answer) ? undefined : ((await answer.body.json()) as { message: string }).message;
  } catch (error) {
    return String(error);
  }
}

/** Why a search of the default dictionary fails. Nothing where it is answered, and where there is no dictionary to search, or who asks is not let in. */
export async function searchProblem(origin: string): Promise<string | undefined> {
  try {
    const listed = await ask(origin + routes.dictionaries.path);
    if (isRejectedCaller(listed) || (await namesIn(listed)).length === 0) return undefined;
    const response = await ask(origin + API_ROUTE, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ action: 'all', nresults: 1 }),
    });
    return isOk(response) || isRejectedCaller(response) ? undefined : await response.body.text();
  } catch (error) {
    return String(error);
  }
}

/** Nothing where who asks is not let in. */
export async function listDictionaries(origin: string): Promise<string[] | undefined> {
  const listed = await ask(origin + routes.dictionaries.path);
  return isRejectedCaller(listed) ? undefined : namesIn(listed);
}

/** Whether browsers block this port: https://fetch.spec.whatwg.org/#port-blocking */
export async function isBlockedByBrowsers(origin: string): Promise<boolean> {
  try {
    await fetch(origin, { method: 'HEAD', signal: AbortSignal.timeout(LIMIT_MS) });
    return false;
  } catch (error) {
    return ((error as Error).cause as Error | undefined)?.message === 'bad port';
  }
}

async function namesIn(listed: Dispatcher.ResponseData): Promise<string[]> {
  return ((await listed.body.json()) as DictionaryList).dictionaries.map(({ name }) => name);
}

function isOk({ statusCode }: Dispatcher.ResponseData): boolean {
  return statusCode >= 200 && statusCode < 300;
}

function isRejectedCaller({ statusCode }: Dispatcher.ResponseData): boolean {
  return statusCode === errorKinds.unauthorized.status || statusCode === errorKinds.too_many_requests.status;
}

interface AskOptions {
  method?: 'POST';
  headers?: Record<string, string>;
  body?: string;
}

/** Avoids fetch, which blocks some ports. `reset` makes each request use a new connection, so that
 * requests reach different workers. */
function ask(url: string, options: AskOptions = {}): Promise<Dispatcher.ResponseData> {
  return request(url, { ...options, reset: true, signal: AbortSignal.timeout(LIMIT_MS) });
}
