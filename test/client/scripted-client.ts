// A client of a server that follows the script of a test.
import type { RequestListener } from 'node:http';
import {
  type AnswerStream,
  type Client,
  type ClientOptions,
  createClient,
  type Summary,
} from '../../src/client/index.js';
import { closeAfterEach } from '../helpers/close-after-each.js';
import { type ScriptedServer, startScriptedServer } from '../helpers/scripted-server.js';

export const JSON_HEADERS = { 'Content-Type': 'application/json; charset=utf-8' };
export const NDJSON_HEADERS = { 'Content-Type': 'application/x-ndjson' };

export interface ScriptedClient {
  server: ScriptedServer;
  client: Client;
  /** Sends a search. Returns its answer or its error. */
  search: (signal?: AbortSignal) => Promise<unknown>;
  /** Reads a stream. Returns the results, and the error at the end if there is one. */
  read: (onResult?: (result: string) => void, signal?: AbortSignal) => Promise<ReadStream>;
}

/** Reads a stream into an answer. */
export async function collect<Result>(stream: AnswerStream<Result>) {
  const results: Result[] = [];
  for await (const result of stream) results.push(result);
  return { ...stream.summary, results };
}

interface ReadStream {
  results: string[];
  error: unknown;
  summary: Summary | undefined;
}

/** Returns a function that starts a server and its client, which doesn't retry unless told to. */
export function useScriptedClient() {
  const start = closeAfterEach(startScriptedServer);
  return async (steps: RequestListener[], options: Partial<ClientOptions> = {}): Promise<ScriptedClient> => {
    const server = await start(steps);
    const client = createClient({ url: server.url, retries: 0, ...options });
    const request = { term: 'x' };
    const search = (signal?: AbortSignal) => client.search(request, { signal }).catch((error) => error);
    const read = async (onResult: (result: string) => void = () => {}, signal?: AbortSignal) => {
      const stream = client.searchStream(request, { signal });
      const results: string[] = [];
      let error: unknown;
      try {
        for await (const result of stream) {
          results.push(result);
          onResult(result);
        }
      } catch (caught) {
        error = caught;
      }
      return { results, error, summary: stream.summary };
    };
    return { server, client, search, read };
  };
}
