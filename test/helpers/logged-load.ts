// Clients that never retry, and a record of each request: when it was sent and ended, and its
// outcome.
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'undici';

export interface ParsedRequest {
  id: string;
  client: number;
  sentAt: number;
  endedAt: number;
  /** Why the request counts as lost. */
  failure?: string;
}

interface RequestSpec {
  method: 'GET' | 'POST';
  path: string;
  body?: string;
}

const post = (body: object): RequestSpec => ({ method: 'POST', path: '/api/v1/json', body: JSON.stringify(body) });

/**
 * Each client repeats one of these: quick requests, slow ones (some are always outstanding), large
 * ones.
 */
const kinds: ((id: string) => RequestSpec)[] = [
  (id) => post({ action: 'search', term: `love ${id}` }),
  () => ({ method: 'GET', path: '/wait?seconds=1' }),
  (id) => post({ action: 'search', term: `l.ve ${id}|whale`, syntax: 'regex', nresults: 5 }),
  () => ({ method: 'GET', path: '/wait?seconds=1' }),
  () => post({ action: 'all', dictionary: 'moby-dick' }),
];

const PAUSE_MS = 50;

let loads = 0;

export class LoggedLoad {
  readonly finished: ParsedRequest[] = [];
  readonly #number = loads;
  readonly #clients: Promise<void>[];
  #isStopped = false;

  constructor(socketPath: string, clients: number) {
    loads += 1;
    this.#clients = Array.from({ length: clients }, (_, number) => this.#run(socketPath, number));
  }

  get failed(): ParsedRequest[] {
    return this.finished.filter(({ failure }) => failure !== undefined);
  }

  /** Waits for the outstanding requests. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#clients);
  }

  async #run(socketPath: string, number: number): Promise<void> {
    const client = new Client('http://grepd', { socketPath });
    const createRequest = kinds[number % kinds.length] as (id: string) => RequestSpec;
    for (let count = 0; !this.#isStopped; count += 1) {
      const id = `${this.#number}-${number}-${count}`;
      const sentAt = performance.now();
      const failure = await failureOf(client, id, createRequest(id));
      this.finished.push({
        id,
        client: number,
        sentAt,
        endedAt: performance.now(),
        ...(failure !== undefined && { failure }),
      });
      await sleep(PAUSE_MS);
    }
    await client.close();
  }
}

async function failureOf(client: Client, id: string, spec: RequestSpec): Promise<string | undefined> {
  try {
    const headers = { 'X-Request-Id': id, 'Content-Type': 'application/json' };
    const { statusCode, body } = await client.request({ ...spec, headers });
    const answer = await body.text();
    return statusCode === 200 && JSON.parse(answer).truncated === undefined
      ? undefined
      : `${statusCode} ${answer.slice(0, 200)}`;
  } catch (error) {
    return String(error);
  }
}
