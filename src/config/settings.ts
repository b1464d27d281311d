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
export const MOST_WAIT_SECONDS = 60;

const milliseconds = Joi.number().integer().min(1).max(DAY_MS);
const EXPECTED_MILLISECONDS = `an integer from 1 to ${DAY_MS} (milliseconds)`;

/** Every setting: an environment variable with its check, default and meaning. */
export const settings = {
  HOST: {
    schema: Joi.string().hostname().default('127.0.0.1'),
    expects: 'a host name or an IP address',
    means: 'the address to listen on',
  },
  PORT: {
    schema: Joi.number().integer().min(0).max(65535).default(3000),
    expects: 'an integer from 0 to 65535',
    means: 'the port to listen on; 0 takes any free one (`npm run serve` only)',
  },
  WORKERS: {
    schema: Joi.number().integer().min(1).max(1024).default(availableParallelism),
    expects: 'an integer from 1 to 1024',
    means: 'worker processes that PM2 runs',
    defaultsTo: 'all cores',
  },
  DICTIONARIES_DIR: {
    schema: Joi.string().required().custom(readableFolder),
    expects: 'a folder that can be read',
    means: "the folder that holds the dictionaries; a relative path is relative to grepd's own folder",
    defaultsTo: `\`${DEFAULT_DICTIONARIES_DIR}\``,
  },
  DEFAULT_DICTIONARY: {
    schema: Joi.string().custom(presentDictionary),
    expects: 'the name of a dictionary that is there',
    means: 'the dictionary that is searched when a request names none',
    defaultsTo: 'the first by name when grepd starts',
  },
  SEARCH_ENGINE: {
    schema: Joi.string().custom(readEngine).default(engineNames[0]),
    expects: 'grep, or clickhouse where CLICKHOUSE_URL is set',
    means:
      'what searches: `grep` in the files of `DICTIONARIES_DIR`, or a ClickHouse cluster that was loaded from them',
  },
  CLICKHOUSE_URL: {
    schema: Joi.any().custom(readClusterUrls),
    expects:
      'addresses of http or https with commas between, like http://grepd:PASSWORD@node-1:8123/grepd,http://grepd:PASSWORD@node-2:8123/grepd',
    means: 'the nodes of the ClickHouse cluster, with user, password and database: any of them that answers is asked',
    defaultsTo: 'none',
    isSecret: true,
  },
  CLICKHOUSE_CLUSTER: {
    schema: Joi.string().pattern(/^[\w.-]{1,64}$/),
    expects: 'a name of letters, digits, "_", "." and "-", 64 at most',
    means: "the name of the cluster in its nodes' configuration, for `npm run load`",
    defaultsTo: 'none: one node by itself',
  },
  SEARCH_TIMEOUT_MS: {
    schema: milliseconds.default(10_000),
    expects: EXPECTED_MILLISECONDS,
    means: 'the longest that one search may take, waiting and sending included',
  },
  SEARCHES_PER_WORKER: {
    schema: Joi.number().integer().min(1).max(1024).default(8),
    expects: 'an integer from 1 to 1024',
    means: 'searches that run at the same time in one worker',
  },
  SEARCH_QUEUE: {
    schema: Joi.number().integer().min(0).max(1_000_000).default(256),
    expects: 'an integer from 0 to 1000000',
    means: 'searches that wait in one worker; more are refused with 503',
  },
  ANSWERS_PER_WORKER: {
    schema: Joi.number().integer().min(1).max(100_000).default(64),
    expects: 'an integer from 1 to 100000',
    means: 'answers that one worker has begun: also those whose client reads slowly, and which need no place meanwhile',
  },
  SEARCH_MEMORY_MB: {
    schema: Joi.number().integer().min(32).max(1_048_576).default(256),
    expects: 'an integer from 32 to 1048576 (MiB)',
    means:
      'the most memory of one grep that could need much: for a regular expression, a large or a packed dictionary; and of a query on each node of a cluster',
  },
  CACHE_BYTES: {
    schema: Joi.number()
      .integer()
      .min(0)
      .max(2 ** 40)
      .default(33_554_432),
    expects: `an integer from 0 to ${2 ** 40}`,
    means: 'the most memory in which one worker remembers answers; 0: none are remembered',
  },
  TERM_LENGTH: {
    schema: Joi.number().integer().min(1).max(10_000).default(DEFAULT_TERM_LENGTH),
    expects: 'an integer from 1 to 10000',
    means: 'the longest term, in characters',
  },
  LINE_LENGTH: {
    schema: Joi.number().integer().min(1).max(16_777_216).default(1_000_000),
    expects: 'an integer from 1 to 16777216',
    means:
      'the longest line or quote that is returned, in UTF-16 code units; what is longer is cut, and the answer says so',
  },
  UNPACKED_MB: {
    schema: Joi.number().integer().min(1).default(4096),
    expects: 'an integer, 1 or more (MiB)',
    means: 'the most that a packed dictionary (`.gz`) may unpack to',
  },
  REQUEST_TIMEOUT_MS: {
    schema: milliseconds.default(10_000),
    expects: EXPECTED_MILLISECONDS,
    means: 'the longest that a request may take to arrive, headers and body',
  },
  KEEP_ALIVE_TIMEOUT_MS: {
    schema: milliseconds.default(5_000),
    expects: EXPECTED_MILLISECONDS,
    means: 'how long a connection may be idle between requests; clients are told in `Keep-Alive`',
  },
  NUMBERS_API_URL: {
    schema: Joi.string()
      .uri({ scheme: ['http', 'https'] })
      .custom(withoutPassword),
    expects: 'an address of http or https, without user name and password',
    means: 'what answers a GET with the JSON array of numbers that `GET /total` adds up',
    defaultsTo: 'built-in: the integers from 0 to 1,000,000, after a second',
  },
  NUMBERS_TIMEOUT_MS: {
    schema: milliseconds.default(({ SEARCH_TIMEOUT_MS }: Config) => SEARCH_TIMEOUT_MS),
    expects: EXPECTED_MILLISECONDS,
    means: 'the longest that `GET /total` may take',
    defaultsTo: 'that of a search',
  },
  NUMBERS_CONNECT_TIMEOUT_MS: {
    schema: milliseconds.default(2_000),
    expects: EXPECTED_MILLISECONDS,
    means: 'the longest that a connection to the numbers API may take to come about',
  },
  NUMBERS_BODY_MB: {
    schema: Joi.number().integer().min(1).max(1_048_576).default(256),
    expects: 'an integer from 1 to 1048576 (MiB)',
    means: 'the longest answer of the numbers API',
  },
  API_KEYS: {
    schema: Joi.string().custom(fileOfKeys),
    expects:
      'a file with a name and the SHA-256 of a key on each line, and at least one key (API_KEYS=FILE npm run key -- NAME adds one)',
    means:
      'who may use the service: requests need one of the keys; the file is read again when it changes (`npm run key -- NAME` makes a key)',
    defaultsTo: 'everybody may',
  },
  RATE_LIMIT: {
    schema: Joi.string().custom(readRate),
    expects: 'a number of requests and a time, like 100/s, 1000/m or 5000/h',
    means: 'how often each caller (a key, or else an address) may ask, of all workers together; more is answered 429',
    defaultsTo: 'no limit',
  },
  TRUST_PROXY: {
    schema: Joi.any().custom(readProxies).default(0),
    expects: 'true, false, or the number of proxies that requests come through (10 at most)',
    means:
      'whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed: then a caller is the address that the first of them was asked from; true: 1',
  },
  CORS_ORIGINS: {
    schema: Joi.any().custom(readOrigins).default([]),
    expects: '* or origins with commas between, like https://example.org,http://localhost:8080',
    means: 'whose pages may ask this service from a browser; `*`: those of everybody',
    defaultsTo: 'none but its own',
  },
  CONNECTIONS_PER_WORKER: {
    schema: Joi.number().integer().min(1).default(20_000),
    expects: 'an integer, 1 or more',
    means: 'connections that one worker has open at the same time; more are closed at once',
  },
  WAIT_ROUTE: {
    schema: Joi.boolean().default(false),
    expects: 'true or false',
    means:
      'whether there is `GET /wait?seconds=10`, to try concurrency and shutdown; anyone can start processes with it',
  },
  DRAIN_TIMEOUT_MS: {
    schema: milliseconds.default(longestRequestMs),
    expects: EXPECTED_MILLISECONDS,
    means: 'the longest that a worker told to stop goes on answering the requests it has',
    defaultsTo: 'enough for every request that is under way',
  },
  MAX_MEMORY_MB: {
    schema: Joi.number()
      .integer()
      .custom(enoughMemory)
      .default(({ CACHE_BYTES }: Config) => Math.max(512, minMemoryMb(CACHE_BYTES))),
    expects: 'an integer (MiB), at least 192 more than CACHE_BYTES',
    means: 'the memory at which PM2 replaces a worker by a new one',
    defaultsTo: '`512`, more with a large `CACHE_BYTES`',
  },
  LOG_LEVEL: {
    schema: Joi.string()
      .valid(...LOG_LEVELS)
      .default('info'),
    expects: `one of ${LOG_LEVELS.join(', ')}`,
    means: 'the least severe events that are logged',
  },
  LOG_TERMS: {
    schema: Joi.boolean().default(false),
    expects: 'true or false',
    means: 'whether the log shows what callers search for, and quotes invalid requests',
  },
} satisfies { [Name in keyof Config]-?: Fields[string] };

/** A connection may be idle, then send slowly, then search as long as it takes; a second is for the way. */
function longestRequestMs(config: Config): number {
  const { SEARCH_TIMEOUT_MS, NUMBERS_TIMEOUT_MS, WAIT_ROUTE } = config;
  const work = Math.max(SEARCH_TIMEOUT_MS, NUMBERS_TIMEOUT_MS, WAIT_ROUTE ? MOST_WAIT_SECONDS * 1_000 : 0);
  return config.KEEP_ALIVE_TIMEOUT_MS + config.REQUEST_TIMEOUT_MS + work + 1_000;
}
