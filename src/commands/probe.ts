// Asks a running grepd how it is, as a client would.
import type { Config } from '../config.js';
import { API_ROUTE } from '../http/routes.js';

const LIMIT_MS = 5_000;

/** Where a client on this machine finds the service. */
export function originOf({ HOST, PORT }: Config): string {
  const host = HOST === '0.0.0.0' ? '127.0.0.1' : HOST === '::' ? '::1' : HOST;
  return `http://${host.includes(':') ? `[${host}]` : host}:${PORT}`;
}

export async function isReady(origin: string): Promise<boolean> {
  try {
    return (await ask(`${origin}/readyz`)).ok;
  } catch {
    return false;
  }
}

/** Why a search of the default dictionary fails, or nothing where it is answered. */
export async function searchProblem(origin: string): Promise<string | undefined> {
  const response = await ask(origin + API_ROUTE, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ action: 'all', nresults: 1 }),
  });
  return response.ok ? undefined : await response.text();
}

/** A connection of its own for each question: with several workers each has its turn. */
function ask(url: string, options: RequestInit = {}): Promise<Response> {
  const headers = { ...options.headers, Connection: 'close' };
  return fetch(url, { ...options, headers, signal: AbortSignal.timeout(LIMIT_MS) });
}
