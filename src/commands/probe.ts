// Checks a running grepd as a client would, and whether its address is free before it starts.
import { once } from 'node:events';
import { createServer } from 'node:net';
import { type Dispatcher, request } from 'undici';
import type { Config } from '../config/config.js';
import { listenError } from '../config/listen-address.js';
import { errorKinds, OperatorError } from '../errors.js';
import { API_ROUTE, routes } from '../http/routes.js';
import type { DictionaryList } from '../search/engine.js';

const TIMEOUT_MS = 5_000;

/** Returns the origin under which clients on this machine reach the service. */
export function originOf({ HOST, PORT }: Config): string {
  const host = HOST === '0.0.0.0' ? '127.0.0.1' : HOST === '::' ? '::1' : HOST;
  return `http://${host.includes(':') ? `[${host}]` : host}:${PORT}`;
}

/** Throws an OperatorError if workers couldn't listen: PM2 would restart them again and again. */
export async function assertCanListen(config: Config): Promise<void> {
  if (config.PORT === 0) throw new OperatorError('"PORT" must be an integer from 1 to 65535 under PM2, got 0');
  const server = createServer().listen(config.PORT, config.HOST);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw listenError(config, error);
  }
  server.close();
  await once(server, 'close');
}

export async function isReady(origin: string): Promise<boolean> {
  return (await findReadinessProblem(origin)) === undefined;
}

/** Returns why the service is not ready, or `undefined` if it is. */
export async function findReadinessProblem(origin: string): Promise<string | undefined> {
  try {
    const response = await send(origin + routes.readyz.path);
    return isOk(response) ? undefined : ((await response.body.json()) as { message: string }).message;
  } catch (error) {
    return String(error);
  }
}

/**
 * Returns why a search of the default dictionary fails. Returns `undefined` if it succeeds, if
 * there is no dictionary, or if the service rejects this caller.
 */
export async function findSearchProblem(origin: string): Promise<string | undefined> {
  try {
    const listResponse = await send(origin + routes.dictionaries.path);
    if (isRejectedCaller(listResponse) || (await namesIn(listResponse)).length === 0) return undefined;
    const response = await send(origin + API_ROUTE, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ action: 'all', nresults: 1 }),
    });
    return isOk(response) || isRejectedCaller(response) ? undefined : await response.body.text();
  } catch (error) {
    return String(error);
  }
}

/** Returns `undefined` if the service rejects this caller. */
export async function listDictionaries(origin: string): Promise<string[] | undefined> {
  const response = await send(origin + routes.dictionaries.path);
  return isRejectedCaller(response) ? undefined : namesIn(response);
}

/** Whether browsers block this port: https://fetch.spec.whatwg.org/#port-blocking */
export async function isBlockedByBrowsers(origin: string): Promise<boolean> {
  try {
    await fetch(origin, { method: 'HEAD', signal: AbortSignal.timeout(TIMEOUT_MS) });
    return false;
  } catch (error) {
    return ((error as Error).cause as Error | undefined)?.message === 'bad port';
  }
}

async function namesIn(response: Dispatcher.ResponseData): Promise<string[]> {
  return ((await response.body.json()) as DictionaryList).dictionaries.map(({ name }) => name);
}

function isOk({ statusCode }: Dispatcher.ResponseData): boolean {
  return statusCode >= 200 && statusCode < 300;
}

function isRejectedCaller({ statusCode }: Dispatcher.ResponseData): boolean {
  return statusCode === errorKinds.unauthorized.status || statusCode === errorKinds.too_many_requests.status;
}

interface SendOptions {
  method?: 'POST';
  headers?: Record<string, string>;
  body?: string;
}

/**
 * Doesn't use fetch, which blocks some ports. `reset` makes each request use a new connection, so
 * that requests reach different workers.
 */
function send(url: string, options: SendOptions = {}): Promise<Dispatcher.ResponseData> {
  return request(url, { ...options, reset: true, signal: AbortSignal.timeout(TIMEOUT_MS) });
}
