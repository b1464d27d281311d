// The settings of the service: environment variables, each with its check, default and meaning.
import { availableParallelism } from 'node:os';
import Joi from 'joi';
import { engineNames } from '../search/engine-names.js';
import type { Config } from './config.js';
import type { Fields } from './field-table.js';
import {
  enoughMemory,
  fileOfKeys,
  minMemoryMb,
  presentDictionary,
  readableFolder,
  readClusterUrls,
  readEngine,
  readOrigins,
  readProxies,
  readRate,
  withoutPassword,
} from './setting-checks.js';

export const DEFAULT_DICTIONARIES_DIR = 'dictionaries';
/** The longest term where nothing else is set, in characters. */
export const DEFAULT_TERM_LENGTH = 1000;

const DAY_MS = 86_400_000;
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

/** The longest that `GET /wait` takes. */
export const MAX_WAIT_SECONDS = 60;

const milliseconds = Joi.number().integer().min(1).max(DAY_MS);
const EXPECTED_MILLISECONDS = `an integer from 1 to ${DAY_MS} (milliseconds)`;

/** Every setting: an environment variable with its check, default and meaning. */
export const settings = {
  HOST: {
    schema: Joi.string().hostname().default('127.0.0.1'),
    expected: 'a host name or an IP address',
    description: 'the address to listen on',
  },
  PORT: {
    schema: Joi.number().integer().min(0).max(65535).default(3000),
    expected: 'an integer from 0 to 65535',
    description: 'the port to listen on; 0 takes any free one (`npm run serve` only)',
  },
  WORKERS: {
    schema: Joi.number().integer().min(1).max(1024).default(availableParallelism),
    expected: 'an integer from 1 to 1024',
    description: 'worker processes that PM2 runs',
    default: 'all cores',
  },
  DICTIONARIES_DIR: {
    schema: Joi.string().required().custom(readableFolder),
    expected: 'a folder that can be read',
    description: "the folder that holds the dictionaries; a relative path is relative to grepd's own folder",
    default: `\`${DEFAULT_DICTIONARIES_DIR}\``,
  },
  DEFAULT_DICTIONARY: {
    schema: Joi.string().custom(presentDictionary),
    expected: 'the name of a dictionary that is there',
    description: 'the dictionary that is searched when a request names none',
    default: 'the first by name when grepd starts',
  },
  SEARCH_ENGINE: {
    schema: Joi.string().custom(readEngine).default(engineNames[0]),
    expected: 'grep, or clickhouse where CLICKHOUSE_URL is set',
    description:
      'what searches: `grep` in the files of `DICTIONARIES_DIR`, or a ClickHouse cluster that was loaded from them',
  },
  CLICKHOUSE_URL: {
    schema: Joi.any().custom(readClusterUrls),
    expected:
      'addresses of http or https with commas between, like http://grepd:PASSWORD@node-1:8123/grepd,http://grepd:PASSWORD@node-2:8123/grepd',
    description:
      'the nodes of the ClickHouse cluster, with user, password and database: any of them that answers is asked',
    default: 'none',
    isSecret: true,
  },
  CLICKHOUSE_CLUSTER: {
    schema: Joi.string().pattern(/^[\w.-]{1,64}$/),
    expected: 'a name of letters, digits, "_", "." and "-", 64 at most',
    description: "the name of the cluster in its nodes' configuration, for `npm run load`",
    default: 'none: one node by itself',
  },
  SEARCH_TIMEOUT_MS: {
    schema: milliseconds.default(10_000),
    expected: EXPECTED_MILLISECONDS,
    description: 'the longest that one search may take, waiting and sending included',
  },
  SEARCHES_PER_WORKER: {
    schema: Joi.number().integer().min(1).max(1024).default(8),
    expected: 'an integer from 1 to 1024',
    description: 'searches that run at the same time in one worker',
  },
  SEARCH_QUEUE: {
    schema: Joi.number().integer().min(0).max(1_000_000).default(256),
    expected: 'an integer from 0 to 1000000',
    description: 'searches that wait in one worker; more are refused with 503',
  },
  ANSWERS_PER_WORKER: {
    schema: Joi.number().integer().min(1).max(100_000).default(64),
    expected: 'an integer from 1 to 100000',
    description:
      'answers that one worker has begun: also those whose client reads slowly, and which need no place meanwhile',
  },
  SEARCH_MEMORY_MB: {
    schema: Joi.number().integer().min(32).max(1_048_576).default(256),
    expected: 'an integer from 32 to 1048576 (MiB)',
    description:
      'the most memory of one grep that could need much: for a regular expression, a large or a packed dictionary; and of a query on each node of a cluster',
  },
  CACHE_BYTES: {
    schema: Joi.number()
      .integer()
      .min(0)
      .max(2 ** 40)
      .default(33_554_432),
    expected: `an integer from 0 to ${2 ** 40}`,
    description: 'the most memory in which one worker remembers answers; 0: none are remembered',
  },
  TERM_LENGTH: {
    schema: Joi.number().integer().min(1).max(10_000).default(DEFAULT_TERM_LENGTH),
    expected: 'an integer from 1 to 10000',
    description: 'the longest term, in characters',
  },
  LINE_LENGTH: {
    schema: Joi.number().integer().min(1).max(16_777_216).default(1_000_000),
    expected: 'an integer from 1 to 16777216',
    description:
      'the longest line or quote that is returned, in UTF-16 code units; what is longer is cut, and the answer says so',
  },
  UNPACKED_MB: {
    schema: Joi.number().integer().min(1).default(4096),
    expected: 'an integer, 1 or more (MiB)',
    description: 'the most that a packed dictionary (`.gz`) may unpack to',
  },
  REQUEST_TIMEOUT_MS: {
    schema: milliseconds.default(10_000),
    expected: EXPECTED_MILLISECONDS,
    description: 'the longest that a request may take to arrive, headers and body',
  },
  KEEP_ALIVE_TIMEOUT_MS: {
    schema: milliseconds.default(5_000),
    expected: EXPECTED_MILLISECONDS,
    description: 'how long a connection may be idle between requests; clients are told in `Keep-Alive`',
  },
  NUMBERS_API_URL: {
    schema: Joi.string()
      .uri({ scheme: ['http', 'https'] })
      .custom(withoutPassword),
    expected: 'an address of http or https, without user name and password',
    description: 'what answers a GET with the JSON array of numbers that `GET /total` adds up',
    default: 'built-in: the integers from 0 to 1,000,000, after a second',
  },
  NUMBERS_TIMEOUT_MS: {
    schema: milliseconds.default(({ SEARCH_TIMEOUT_MS }: Config) => SEARCH_TIMEOUT_MS),
    expected: EXPECTED_MILLISECONDS,
    description: 'the longest that `GET /total` may take',
    default: 'that of a search',
  },
  NUMBERS_CONNECT_TIMEOUT_MS: {
    schema: milliseconds.default(2_000),
    expected: EXPECTED_MILLISECONDS,
    description: 'the longest that a connection to the numbers API may take to come about',
  },
  NUMBERS_BODY_MB: {
    schema: Joi.number().integer().min(1).max(1_048_576).default(256),
    expected: 'an integer from 1 to 1048576 (MiB)',
    description: 'the longest answer of the numbers API',
  },
  API_KEYS: {
    schema: Joi.string().custom(fileOfKeys),
    expected:
      'a file with a name and the SHA-256 of a key on each line, and at least one key (API_KEYS=FILE npm run key -- NAME adds one)',
    description:
      'who may use the service: requests need one of the keys; the file is read again when it changes (`npm run key -- NAME` makes a key)',
    default: 'everybody may',
  },
  RATE_LIMIT: {
    schema: Joi.string().custom(readRate),
    expected: 'a number of requests and a time, like 100/s, 1000/m or 5000/h',
    description:
      'how often each caller (a key, or else an address) may ask, of all workers together; more is answered 429',
    default: 'no limit',
  },
  TRUST_PROXY: {
    schema: Joi.any().custom(readProxies).default(0),
    expected: 'true, false, or the number of proxies that requests come through (10 at most)',
    description:
      'whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed: then a caller is the address that the first of them was asked from; true: 1',
  },
  CORS_ORIGINS: {
    schema: Joi.any().custom(readOrigins).default([]),
    expected: '* or origins with commas between, like https://example.org,http://localhost:8080',
    description: 'whose pages may ask this service from a browser; `*`: those of everybody',
    default: 'none but its own',
  },
  CONNECTIONS_PER_WORKER: {
    schema: Joi.number().integer().min(1).default(20_000),
    expected: 'an integer, 1 or more',
    description: 'connections that one worker has open at the same time; more are closed at once',
  },
  WAIT_ROUTE: {
    schema: Joi.boolean().default(false),
    expected: 'true or false',
    description:
      'whether there is `GET /wait?seconds=10`, to try concurrency and shutdown; anyone can start processes with it',
  },
  DRAIN_TIMEOUT_MS: {
    schema: milliseconds.default(longestRequestMs),
    expected: EXPECTED_MILLISECONDS,
    description: 'the longest that a worker told to stop goes on answering the requests it has',
    default: 'enough for every request that is under way',
  },
  MAX_MEMORY_MB: {
    schema: Joi.number()
      .integer()
      .custom(enoughMemory)
      .default(({ CACHE_BYTES }: Config) => Math.max(512, minMemoryMb(CACHE_BYTES))),
    expected: 'an integer (MiB), at least 192 more than CACHE_BYTES',
    description: 'the memory at which PM2 replaces a worker by a new one',
    default: '`512`, more with a large `CACHE_BYTES`',
  },
  LOG_LEVEL: {
    schema: Joi.string()
      .valid(...LOG_LEVELS)
      .default('info'),
    expected: `one of ${LOG_LEVELS.join(', ')}`,
    description: 'the least severe events that are logged',
  },
  LOG_TERMS: {
    schema: Joi.boolean().default(false),
    expected: 'true or false',
    description: 'whether the log shows what callers search for, and quotes invalid requests',
  },
} satisfies { [Name in keyof Config]-?: Fields[string] };

/** A connection may be idle, then send slowly, then search as long as it takes; a second is for the way. */
function longestRequestMs(config: Config): number {
  const { SEARCH_TIMEOUT_MS, NUMBERS_TIMEOUT_MS, WAIT_ROUTE } = config;
  const work = Math.max(SEARCH_TIMEOUT_MS, NUMBERS_TIMEOUT_MS, WAIT_ROUTE ? MAX_WAIT_SECONDS * 1_000 : 0);
  return config.KEEP_ALIVE_TIMEOUT_MS + config.REQUEST_TIMEOUT_MS + work + 1_000;
}
