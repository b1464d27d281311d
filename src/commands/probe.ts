// Asks a running grepd how it is, as a client would; and the system, whether there can be one.
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Config } from '../config.js';
import { errorKinds, OperatorError } from '../errors.js';
import { API_ROUTE, routes } from '../http/routes.js';
import { cannotListen } from '../reach.js';
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
    return answer.ok ? undefined : ((await answer.json()) as { message: string }).message;
  } catch (error) {
    return String(error);
  }
}

/** Why a search of the default dictionary fails. Nothing where it is answered, and where there is no dictionary to search, or who asks is not let in. */
export async function searchProblem(origin: string): Promise<string | undefined> {
  try {
    const listed = await ask(origin + routes.dictionaries.path);
    if (isNotLetIn(listed) || (await namesIn(listed)).length === 0) return undefined;
    const response = await ask(origin + API_ROUTE, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ action: 'all', nresults: 1 }),
    });
    return response.ok || isNotLetIn(response) ? undefined : await response.text();
  } catch (error) {
    return String(error);
  }
}

/** Nothing where who asks is not let in. */
export async function listDictionaries(origin: string): Promise<string[] | undefined> {
  const listed = await ask(origin + routes.dictionaries.path);
  return isNotLetIn(listed) ? undefined : namesIn(listed);
}

async function namesIn(listed: Response): Promise<string[]> {
  return ((await listed.json()) as DictionaryList).dictionaries.map(({ name }) => name);
}

function isNotLetIn({ status }: Response): boolean {
  return status === errorKinds.unauthorized.status || status === errorKinds.too_many_requests.status;
}

/** A connection of its own for each question: with several workers each has its turn. */
function ask(url: string, options: RequestInit = {}): Promise<Response> {
  const headers = { ...options.headers, Connection: 'close' };
  return fetch(url, { ...options, headers, signal: AbortSignal.timeout(LIMIT_MS) });
}
