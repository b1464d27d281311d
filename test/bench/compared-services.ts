// Services that get the same requests in turn. Their answers must be equal.
import { request } from 'undici';
import type { Service } from '../helpers/spawn-service.js';
import { spawnMeasured } from './measured-service.js';

export interface ComparedService {
  title: string;
  service: Service;
  url: string;
}

export interface Sent {
  ms: number;
  answers: string[];
}

export async function openService(title: string, env: Record<string, string>): Promise<ComparedService> {
  const service = spawnMeasured(env);
  return { title, service, url: await service.url() };
}

export async function closeService({ service }: ComparedService): Promise<void> {
  service.child.kill('SIGKILL');
  await service.exited;
}

/** Sends requests at the same time: a body for the API, or the path of a page. */
export async function sendAll(url: string, requests: readonly (object | string)[]): Promise<Sent> {
  const begin = performance.now();
  const answers = await Promise.all(
    requests.map((it) => (typeof it === 'string' ? get(`${url}${it}`) : post(`${url}/api/v1/json`, it))),
  );
  return { ms: performance.now() - begin, answers };
}

/** Throws if a service doesn't answer like the first. */
export function assertEqual(title: string, results: ReadonlyMap<ComparedService, readonly string[]>): void {
  const [[first, expected] = [undefined, []], ...others] = [...results];
  for (const [service, answers] of others) {
    for (const [nr, answer] of answers.entries()) {
      if (answer === expected[nr]) continue;
      throw new Error(
        `${title}: ${service.title} differs from ${first?.title}: ${answer.slice(0, 500)} instead of ${expected[nr]?.slice(0, 500)}`,
      );
    }
  }
}

async function get(url: string): Promise<string> {
  const { statusCode, body } = await request(url);
  return textOf(statusCode, await body.text());
}

async function post(url: string, fields: object): Promise<string> {
  const headers = { 'Content-Type': 'application/json' };
  const { statusCode, body } = await request(url, { method: 'POST', headers, body: JSON.stringify(fields) });
  return textOf(statusCode, await body.text());
}

function textOf(statusCode: number, text: string): string {
  if (statusCode !== 200) throw new Error(`${statusCode}: ${text}`);
  return text;
}
