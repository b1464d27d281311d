// Clients that never ask twice, and a log of each request: when it was sent, when it was over, and how.
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'undici';

export interface ParsedRequest {
  id: string;
  client: number;
  sentAt: number;
  endedAt: number;
  /** Why it counts as lost. */
  failure?: string;
}

interface Question {
  method: 'GET' | 'POST';
  path: string;
  body?: string;
}

const post = (body: object): Question => ({ method: 'POST', path: '/api/v1/json', body: JSON.stringify(body) });

/** Each client asks one of these again and again: quick ones, slow ones of which some are always under way, and large ones. */
const kinds: ((id: string) => Question)[] = [
  (id) => post({ action: 'search', term: `love ${id}` }),
  () => ({ method: 'GET', path: '/wait?seconds=2' }),
  (id) => post({ action: 'search', term: `l.ve ${id}|whale`, syntax: 'regex', nresults: 5 }),
  () => ({ method: 'GET', path: '/wait?seconds=2' }),
  () => post({ action: 'all', dictionary: 'moby-dick' }),
];

const PAUSE_MS = 50;

let loads = 0;

export class LoggedLoad {
  /** Those that are over. */
  readonly asked: ParsedRequest[] = [];
  readonly #number = loads;
  readonly #clients: Promise<void>[];
  #isOver = false;

  constructor(socketPath: string, clients: number) {
    loads += 1;
    this.#clients = Array.from({ length: clients }, (_, number) => this.#run(socketPath, number));
  }

  get failed(): ParsedRequest[] {
    return this.asked.filter(({ failure }) => failure !== undefined);
  }

  /** What is under way is waited for. */
  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#clients);
  }

  async #run(socketPath: string, number: number): Promise<void> {
    const client = new Client('http://grepd', { socketPath });
    const ask = kinds[number % kinds.length] as (id: string) => Question;
    for (let count = 0; !this.#isOver; count += 1) {
      const id = `${this.#number}-${number}-${count}`;
      const sentAt = performance.now();
      const failure = await failureOf(client, id, ask(id));
      this.asked.push({
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

async function failureOf(client: Client, id: string, question: Question): Promise<string | undefined> {
  try {
    const headers = { 'X-Request-Id': id, 'Content-Type': 'application/json' };
    const { statusCode, body } = await client.request({ ...question, headers });
    const answer = await body.text();
    return statusCode === 200 && JSON.parse(answer).truncated === undefined
      ? undefined
      : `${statusCode} ${answer.slice(0, 200)}`;
  } catch (error) {
    return String(error);
  }
}
