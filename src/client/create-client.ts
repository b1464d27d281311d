// The client.
import { NdjsonStream } from './answer-stream.js';
import type { Client } from './client.js';
import { Exchange } from './exchange.js';
import { type CallOptions, type ClientOptions, checkCallOptions, parseOptions } from './options.js';
import { toAnswer, toDictionaryList } from './parse-answer.js';
import { acceptOf, assertAnswer, JSON_TYPE, readJson } from './read-response.js';
import type { DictionariesRequest } from './requests.js';
import { withRetries } from './retry.js';

const API_PATH = 'api/v1/json';
const DICTIONARIES_PATH = 'api/v1/dictionaries';

/** Creates a client. Sends nothing. Throws a `TypeError` that names an invalid option. */
export function createClient(options: ClientOptions): Client {
  const settings = parseOptions(options);

  return {
    search: post('search'),
    searchStream: stream('search'),
    all: post('all'),
    allStream: stream('all'),
    count: post('count'),
    countStream: stream('count'),
    frequencies: post('frequencies'),
    frequenciesStream: stream('frequencies'),
    list: post('list'),
    listStream: stream('list'),
    dictionaries: async (request = {}, call = {}) =>
      toDictionaryList(await getJson(DICTIONARIES_PATH + queryOf(request), call)),
  };

  function post(action: string) {
    return async (request: object = {}, call: CallOptions = {}) =>
      toAnswer<never>(await getJson(API_PATH, call, bodyOf(action, request)));
  }

  function stream(action: string) {
    return (request: object = {}, call: CallOptions = {}) => {
      checkCallOptions(call);
      return new NdjsonStream<never>({ path: API_PATH, body: bodyOf(action, request), settings, options: call });
    };
  }

  function getJson(path: string, call: CallOptions, body?: string): Promise<Record<string, unknown>> {
    checkCallOptions(call);
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
  if (typeof request === 'object' && request !== null) return JSON.stringify({ ...request, action });
  throw new TypeError(`The request must be an object with the fields of "${action}", got ${JSON.stringify(request)}.`);
}

function queryOf(request: DictionariesRequest): string {
  const given = Object.entries(request).filter(([, value]) => value !== undefined);
  return given.length === 0 ? '' : `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`;
}
