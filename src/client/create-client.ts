// The client.
import { NdjsonStream } from './answer-stream.js';
import type { Client } from './client.js';
import { Exchange } from './exchange.js';
import { type CallOptions, type ClientOptions, parseOptions } from './options.js';
import { toAnswer, toDictionaryList } from './parse-answer.js';
import { acceptOf, assertAnswer, JSON_TYPE, readJson } from './read-response.js';
import type { DictionariesRequest } from './requests.js';
import { withRetries } from './retry.js';

const API_PATH = 'api/v1/json';
const DICTIONARIES_PATH = 'api/v1/dictionaries';

/** Creates a client. Sends nothing yet. Throws a `TypeError` that names an invalid option. */
export function createClient(options: ClientOptions): Client {
  const settings = parseOptions(options);

  const post = (action: string) => async (request: object, call: CallOptions) =>
    toAnswer<never>(await getJson(API_PATH, call, bodyOf(action, request)));
  const stream = (action: string) => (request: object, call: CallOptions) =>
    new NdjsonStream<never>({ path: API_PATH, body: bodyOf(action, request), settings, options: call });

  return {
    search: (request: object, call = {}) => post('search')(request, call),
    searchStream: (request: object, call = {}) => stream('search')(request, call),
    all: (request: object = {}, call: CallOptions = {}) => post('all')(request, call),
    allStream: (request: object = {}, call: CallOptions = {}) => stream('all')(request, call),
    count: (request, call = {}) => post('count')(request, call),
    countStream: (request, call = {}) => stream('count')(request, call),
    frequencies: (request, call = {}) => post('frequencies')(request, call),
    frequenciesStream: (request, call = {}) => stream('frequencies')(request, call),
    list: (request = {}, call = {}) => post('list')(request, call),
    listStream: (request = {}, call = {}) => stream('list')(request, call),
    dictionaries: async (request = {}, call = {}) =>
      toDictionaryList(await getJson(DICTIONARIES_PATH + queryOf(request), call)),
  };

  function getJson(path: string, call: CallOptions, body?: string): Promise<Record<string, unknown>> {
    const attempt = async () => {
      const exchange = new Exchange(settings, call);
      try {
        const response = await exchange.send({ path, accept: acceptOf(JSON_TYPE), body });
        await assertAnswer(exchange, response, JSON_TYPE);
        return await readJson(exchange, response);
      } finally {
        exchange.close();
      }
    };
    return withRetries(attempt, settings, call);
  }
}

function bodyOf(action: string, request: object): string {
  return JSON.stringify({ ...request, action });
}

function queryOf(request: DictionariesRequest): string {
  const given = Object.entries(request).filter(([, value]) => value !== undefined);
  return given.length === 0 ? '' : `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`;
}
