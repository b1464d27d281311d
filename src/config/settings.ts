// The settings of the service: environment variables, each with its check, default and description.
import { availableParallelism } from 'node:os';
import Joi from 'joi';
import { RATE_SYNTAX } from '../runtime/rate-limit/parse-rate.js';
import type { Rate } from '../runtime/rate-limit/rate-windows.js';
import { type EngineName, engineNames } from '../search/engine-names.js';
import { field as setting } from './field-table.js';
import {
  checkDictionaryExists,
  checkEngine,
  checkIndexFolder,
  checkKeyFile,
  checkMemory,
  checkRate,
  checkReadableFolder,
  checkUploads,
  minMemoryMb,
  parseClusterUrls,
  parseOrigins,
  parseProxyCount,
  rejectCredentials,
} from './setting-checks.js';

export const DEFAULT_DICTIONARIES_DIR = 'dictionaries';
export const DEFAULT_INDEX_DIR = '.index';
/** In characters. */
export const DEFAULT_TERM_LENGTH = 1000;

const DAY_MS = 86_400_000;
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

/** The maximum duration of `GET /wait`. */
export const MAX_WAIT_SECONDS = 60;

const milliseconds = Joi.number().integer().min(1).max(DAY_MS);
const EXPECTED_MILLISECONDS = `an integer from 1 to ${DAY_MS} (milliseconds)`;

const traceEndpoint = Joi.string()
  .uri({ scheme: ['http', 'https'] })
  .custom(rejectCredentials);
const EXPECTED_TRACE_ENDPOINT = 'an http or https URL without user name and password';

/** Settings from which defaults of others are computed. */
interface Dependencies {
  SEARCH_TIMEOUT_MS: number;
  NUMBERS_TIMEOUT_MS: number;
  REQUEST_TIMEOUT_MS: number;
  KEEP_ALIVE_TIMEOUT_MS: number;
  CACHE_BYTES: number;
  WAIT_ROUTE: boolean;
}

export const settings = {
  HOST: setting<string>({
    schema: Joi.string().hostname().default('127.0.0.1'),
    expected: 'a host name or an IP address',
    description: 'the address to listen on',
  }),
  PORT: setting<number>({
    schema: Joi.number().integer().min(0).max(65535).default(3000),
    expected: 'an integer from 0 to 65535',
    description: 'the port to listen on; 0 picks any free one (`npm run serve` only)',
  }),
  WORKERS: setting<number>({
    schema: Joi.number().integer().min(1).max(1024).default(availableParallelism),
    expected: 'an integer from 1 to 1024',
    description: 'the number of worker processes that PM2 runs',
    default: 'the number of cores',
  }),
  DICTIONARIES_DIR: setting<string>({
    schema: Joi.string().required().custom(checkReadableFolder),
    expected: 'a readable folder',
    description: "the folder that contains the dictionaries; a relative path is relative to grepd's own folder",
    default: `\`${DEFAULT_DICTIONARIES_DIR}\``,
    isPath: true,
  }),
  DEFAULT_DICTIONARY: setting<string | undefined>({
    schema: Joi.string().custom(checkDictionaryExists),
    expected: 'the name of an existing dictionary',
    description: 'the dictionary to search if a request names none',
    default: 'the first by name when grepd starts',
  }),
  SEARCH_ENGINE: setting<EngineName>({
    schema: Joi.string().custom(checkEngine).default(engineNames[0]),
    expected: 'grep, or clickhouse if CLICKHOUSE_URL is set',
    description:
      'the search backend: `grep` searches the files in `DICTIONARIES_DIR`, `clickhouse` a ClickHouse cluster that was loaded from them',
  }),
  CLICKHOUSE_URL: setting<string[] | undefined>({
    schema: Joi.any().custom(parseClusterUrls),
    expected:
      'comma-separated http or https URLs of one database, like http://grepd:PASSWORD@node-1:8123/grepd,http://grepd:PASSWORD@node-2:8123/grepd',
    description:
      'the nodes of the ClickHouse cluster, with user, password and database; queries go to any node that responds',
    default: 'none',
    isSecret: true,
  }),
  CLICKHOUSE_CLUSTER: setting<string | undefined>({
    schema: Joi.string().pattern(/^[\w.-]{1,64}$/),
    expected: 'a name of at most 64 letters, digits, "_", "." and "-"',
    description: 'the name of the ClickHouse cluster, as configured on its nodes; only `npm run load` uses it',
    default: 'none: a single node',
  }),
  INDEX: setting<boolean>({
    schema: Joi.boolean().default(true),
    expected: 'true or false',
    description: 'whether to build and use indexes of large dictionaries; only the engine `grep` does',
  }),
  INDEX_DIR: setting<string>({
    schema: Joi.string().required().custom(checkIndexFolder),
    expected: 'a folder that is not in DICTIONARIES_DIR and does not contain it',
    description:
      "the folder for indexes, which grepd creates when it needs it; a relative path is relative to grepd's own folder",
    default: `\`${DEFAULT_INDEX_DIR}\``,
    isPath: true,
  }),
  INDEX_MIN_MB: setting<number>({
    schema: Joi.number().integer().min(1).default(8),
    expected: 'a positive integer (MiB)',
    description: 'the size above which a dictionary gets an index',
  }),
  INDEX_MAX_MB: setting<number>({
    schema: Joi.number().integer().min(1).default(10_240),
    expected: 'a positive integer (MiB)',
    description: 'the maximum size of all indexes together',
  }),
  SEARCH_TIMEOUT_MS: setting<number>({
    schema: milliseconds.default(10_000),
    expected: EXPECTED_MILLISECONDS,
    description: 'the time limit of a search, including waiting and sending',
  }),
  SEARCHES_PER_WORKER: setting<number>({
    schema: Joi.number().integer().min(1).max(1024).default(8),
    expected: 'an integer from 1 to 1024',
    description: 'the maximum number of concurrent searches per worker',
  }),
  SEARCH_QUEUE: setting<number>({
    schema: Joi.number().integer().min(0).max(1_000_000).default(256),
    expected: 'an integer from 0 to 1000000',
    description: 'the maximum number of waiting searches per worker; further ones are rejected with 503',
  }),
  ANSWERS_PER_WORKER: setting<number>({
    schema: Joi.number().integer().min(1).max(100_000).default(64),
    expected: 'an integer from 1 to 100000',
    description:
      'the maximum number of answers in progress per worker, including those to slow readers, which occupy no slot',
  }),
  SEARCH_MEMORY_MB: setting<number>({
    schema: Joi.number().integer().min(32).max(1_048_576).default(256),
    expected: 'an integer from 32 to 1048576 (MiB)',
    description:
      'the memory limit of a grep for a regular expression or in a large or compressed dictionary, and of a query on each node of a cluster',
  }),
  CACHE_BYTES: setting<number>({
    schema: Joi.number()
      .integer()
      .min(0)
      .max(2 ** 40)
      .default(33_554_432),
    expected: `an integer from 0 to ${2 ** 40}`,
    description: 'the maximum size of the answer cache per worker, in bytes; 0 disables the cache',
  }),
  TERM_LENGTH: setting<number>({
    schema: Joi.number().integer().min(1).max(10_000).default(DEFAULT_TERM_LENGTH),
    expected: 'an integer from 1 to 10000',
    description: 'the maximum length of a term, in characters',
  }),
  LINE_LENGTH: setting<number>({
    schema: Joi.number().integer().min(1).max(16_777_216).default(1_000_000),
    expected: 'an integer from 1 to 16777216',
    description:
      'the maximum length of a returned line or quote, in UTF-16 code units; longer ones are truncated, and the answer says so',
  }),
  UNPACKED_MB: setting<number>({
    schema: Joi.number().integer().min(1).default(4096),
    expected: 'a positive integer (MiB)',
    description: 'the maximum size of the text of a file that is compressed (`.gz`) or in another encoding',
  }),
  UPLOADS: setting<boolean>({
    schema: Joi.boolean().custom(checkUploads).default(false),
    expected: 'true or false, and false if SEARCH_ENGINE is clickhouse, which searches what `npm run load` loaded',
    description: 'whether callers may add and remove texts, on `/d` and by `PUT` and `DELETE /api/v1/texts/<name>`',
  }),
  UPLOAD_MB: setting<number>({
    schema: Joi.number().integer().min(1).max(1_048_576).default(100),
    expected: 'an integer from 1 to 1048576 (MiB)',
    description: 'the maximum size of an upload',
  }),
  REQUEST_TIMEOUT_MS: setting<number>({
    schema: milliseconds.default(10_000),
    expected: EXPECTED_MILLISECONDS,
    description: 'the time limit for receiving a request, headers and body',
  }),
  KEEP_ALIVE_TIMEOUT_MS: setting<number>({
    schema: milliseconds.default(5_000),
    expected: EXPECTED_MILLISECONDS,
    description: 'how long a connection may be idle between requests; sent to clients in `Keep-Alive`',
  }),
  NUMBERS_API_URL: setting<string | undefined>({
    schema: Joi.string()
      .uri({ scheme: ['http', 'https'] })
      .custom(rejectCredentials),
    expected: 'an http or https URL without user name and password',
    description: 'the URL of the JSON array of numbers that `GET /total` adds up',
    default: 'built-in: the integers from 0 to 1,000,000, after a second',
  }),
  NUMBERS_TIMEOUT_MS: setting<number>({
    schema: milliseconds.default(({ SEARCH_TIMEOUT_MS }: Dependencies) => SEARCH_TIMEOUT_MS),
    expected: EXPECTED_MILLISECONDS,
    description: 'the time limit of `GET /total`',
    default: '`SEARCH_TIMEOUT_MS`',
  }),
  NUMBERS_CONNECT_TIMEOUT_MS: setting<number>({
    schema: milliseconds.default(2_000),
    expected: EXPECTED_MILLISECONDS,
    description: 'the time limit for connecting to the numbers API',
  }),
  NUMBERS_BODY_MB: setting<number>({
    schema: Joi.number().integer().min(1).max(1_048_576).default(256),
    expected: 'an integer from 1 to 1048576 (MiB)',
    description: 'the maximum size of a response of the numbers API',
  }),
  API_KEYS: setting<string | undefined>({
    schema: Joi.string().custom(checkKeyFile),
    expected:
      'a file with a name, the SHA-256 of a key and optional limits on each line, and at least one key (API_KEYS=FILE npm run key -- NAME adds one)',
    description:
      'the file of API keys; if set, requests need a key, except for the documentation and health checks. A line can limit its key to certain dictionaries and actions, set its rate, and let it expire. Changes to the file apply within a second (`npm run key -- NAME` creates a key)',
    default: 'none: requests need no key',
    isPath: true,
  }),
  RATE_LIMIT: setting<Rate | undefined>({
    schema: Joi.string().custom(checkRate),
    expected: RATE_SYNTAX,
    description:
      'how many requests each caller (an API key or, without keys, an address) may send, counted over all workers; further ones are rejected with 429. A key can have its own rate',
    default: 'no limit',
  }),
  TRUST_PROXY: setting<number>({
    schema: Joi.any().custom(parseProxyCount).default(0),
    expected: 'true, false, or the number of proxies that requests pass through (10 at most)',
    description:
      'how many proxies to trust: grepd then takes the address of the caller from `X-Forwarded-For`, and the protocol from `X-Forwarded-Proto`; `true` means 1',
  }),
  CORS_ORIGINS: setting<string[]>({
    schema: Joi.any().custom(parseOrigins).default([]),
    expected: '* or comma-separated origins, like https://example.org,http://localhost:8080',
    description: 'the origins whose pages may send requests from a browser; `*` allows every origin',
    default: "none: only grepd's own pages",
  }),
  MCP: setting<boolean>({
    schema: Joi.boolean().default(true),
    expected: 'true or false',
    description: 'whether to serve the Model Context Protocol, for language models, at `POST /mcp`',
  }),
  CONNECTIONS_PER_WORKER: setting<number>({
    schema: Joi.number().integer().min(1).default(20_000),
    expected: 'a positive integer',
    description: 'the maximum number of open connections per worker; further ones are closed immediately',
  }),
  WAIT_ROUTE: setting<boolean>({
    schema: Joi.boolean().default(false),
    expected: 'true or false',
    description:
      'whether to serve `GET /wait?seconds=10`, to try out concurrency and shutdown; anyone can start processes with it',
  }),
  DRAIN_TIMEOUT_MS: setting<number>({
    schema: milliseconds.default(maxRequestMs),
    expected: EXPECTED_MILLISECONDS,
    description: 'how long a draining worker may keep answering outstanding requests',
    default: 'enough for every request in progress',
  }),
  OTEL_EXPORTER_OTLP_ENDPOINT: setting<string | undefined>({
    schema: traceEndpoint,
    expected: EXPECTED_TRACE_ENDPOINT,
    description:
      'the OpenTelemetry collector that gets traces, with OTLP over HTTP as JSON, at `/v1/traces` below this URL; the OpenTelemetry SDK reads its other variables itself',
    default: 'none: no traces are recorded',
  }),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: setting<string | undefined>({
    schema: traceEndpoint,
    expected: EXPECTED_TRACE_ENDPOINT,
    description: 'the whole URL to send traces to, instead of the endpoint',
    default: 'see `OTEL_EXPORTER_OTLP_ENDPOINT`',
  }),
  MAX_MEMORY_MB: setting<number>({
    schema: Joi.number()
      .integer()
      .custom(checkMemory)
      .default(({ CACHE_BYTES }: Dependencies) => Math.max(512, minMemoryMb(CACHE_BYTES))),
    expected: 'an integer (MiB), at least 192 more than CACHE_BYTES',
    description: 'the memory at which PM2 replaces a worker',
    default: '`512`, more with a large `CACHE_BYTES`',
  }),
  LOG_LEVEL: setting<string>({
    schema: Joi.string()
      .valid(...LOG_LEVELS)
      .default('info'),
    expected: `one of ${LOG_LEVELS.join(', ')}`,
    description: 'the minimum severity of logged events',
  }),
  LOG_TERMS: setting<boolean>({
    schema: Joi.boolean().default(false),
    expected: 'true or false',
    description: 'whether the log includes search terms, and quotes invalid requests',
  }),
};

/** A connection may be idle, then send slowly, then wait for a search. A second is for transit. */
function maxRequestMs(config: Dependencies): number {
  const { SEARCH_TIMEOUT_MS, NUMBERS_TIMEOUT_MS, WAIT_ROUTE } = config;
  const work = Math.max(SEARCH_TIMEOUT_MS, NUMBERS_TIMEOUT_MS, WAIT_ROUTE ? MAX_WAIT_SECONDS * 1_000 : 0);
  return config.KEEP_ALIVE_TIMEOUT_MS + config.REQUEST_TIMEOUT_MS + work + 1_000;
}
