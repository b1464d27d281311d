// Reads the settings: environment in, one frozen object out, checked whole before anything starts.
import { OperatorError } from '../errors.js';
import type { EngineName } from '../search/engine-names.js';
import { FieldError, parseFields } from './field-table.js';
import { DEFAULT_DICTIONARIES_DIR, settings } from './settings.js';

export interface Config {
  HOST: string;
  PORT: number;
  WORKERS: number;
  DICTIONARIES_DIR: string;
  DEFAULT_DICTIONARY?: string;
  SEARCH_ENGINE: EngineName;
  CLICKHOUSE_URL?: string[];
  CLICKHOUSE_CLUSTER?: string;
  SEARCH_TIMEOUT_MS: number;
  SEARCHES_PER_WORKER: number;
  SEARCH_QUEUE: number;
  ANSWERS_PER_WORKER: number;
  SEARCH_MEMORY_MB: number;
  CACHE_BYTES: number;
  TERM_LENGTH: number;
  LINE_LENGTH: number;
  UNPACKED_MB: number;
  REQUEST_TIMEOUT_MS: number;
  KEEP_ALIVE_TIMEOUT_MS: number;
  DRAIN_TIMEOUT_MS: number;
  MAX_MEMORY_MB: number;
  NUMBERS_API_URL?: string;
  NUMBERS_TIMEOUT_MS: number;
  NUMBERS_CONNECT_TIMEOUT_MS: number;
  NUMBERS_BODY_MB: number;
  WAIT_ROUTE: boolean;
  API_KEYS?: string;
  RATE_LIMIT?: { most: number; windowMs: number };
  TRUST_PROXY: number;
  CORS_ORIGINS: string[];
  CONNECTIONS_PER_WORKER: number;
  LOG_LEVEL: string;
  LOG_TERMS: boolean;
}

/** Throws one error that lists every setting that is wrong. A variable that is empty counts as not set. */
export function parseConfig(env: Record<string, string | undefined>): Readonly<Config> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  // joi does not check defaults, and this one may be wrong too.
  given.DICTIONARIES_DIR ??= DEFAULT_DICTIONARIES_DIR;
  try {
    return Object.freeze(parseFields<Config>(settings, given, { convert: true }));
  } catch (error) {
    if (!(error instanceof FieldError)) throw error;
    const list = error.problems.map((problem) => `\n  ${problem}`);
    throw new OperatorError(`These settings (environment variables) are wrong:${list.join('')}`);
  }
}
