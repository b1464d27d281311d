// API keys: each line of their file has a name, the SHA-256 of a key, and optional limits.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import type { Logger } from 'pino';
import { type KeyLimits, parseKeyLimits, splitWords } from './key-limits.js';

export interface ApiKey {
  name: string;
  /** SHA-256 of the key. */
  hash: Buffer;
  /** Absent if the key isn't limited. */
  limits?: KeyLimits;
}

/** Names need no escaping in logs and metrics. */
export const KEY_NAME = /^[\w.-]{1,64}$/;

const HASH = /^[0-9a-f]{64}$/i;

/**
 * Ignores empty lines and comments (`#`). Throws an error that names the invalid line, but never
 * quotes its name or hash.
 */
export function parseApiKeys(text: string): ApiKey[] {
  const keys: ApiKey[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    const number = index + 1;
    const [name = '', hash = '', ...words] = splitWords(line);
    if (!KEY_NAME.test(name) || !HASH.test(hash)) {
      throw new Error(
        `line ${number} is not a name (letters, digits, "_", "." and "-"), a SHA-256 in hexadecimal and limits`,
      );
    }
    if (keys.some((key) => key.name === name)) throw new Error(`line ${number} repeats the name of another line`);
    if (hash.toLowerCase() === EMPTY_KEY_HASH) throw new Error(`line ${number} has the SHA-256 of an empty key`);
    const limits = limitsOf(words, number);
    keys.push({ name, hash: Buffer.from(hash, 'hex'), ...(limits !== undefined && { limits }) });
  }
  return keys;
}

/** Returns `undefined` if there are none. */
function limitsOf(words: readonly string[], line: number): KeyLimits | undefined {
  try {
    const limits = parseKeyLimits(words);
    return Object.keys(limits).length === 0 ? undefined : limits;
  } catch (error) {
    throw new Error(`line ${line} ${(error as Error).message}`, { cause: error });
  }
}

/**
 * Creates a key and its line of the file. A key of 256 bits can't be guessed, so a fast hash is
 * enough.
 *
 * @param limits words as `toWord` returns them
 */
export function createApiKey(name: string, limits: readonly string[] = []): { key: string; line: string } {
  const key = randomBytes(32).toString('base64url');
  return { key, line: [name, hashOf(key).toString('hex'), ...limits].join(' ') };
}

function hashOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

/** A script may hash an unset variable. Anyone could send that key. */
const EMPTY_KEY_HASH = hashOf('').toString('hex');

const CHECK_INTERVAL_MS = 1_000;

/** The keys of a file, which is reloaded when it changes. */
export class ApiKeys {
  readonly #path: string;
  readonly #log: Logger;
  #keys: ApiKey[];
  #fingerprint: string;
  #checkedMs: number;

  /** Throws if the file can't be read or is invalid. */
  constructor(path: string, log: Logger) {
    this.#path = path;
    this.#log = log;
    this.#fingerprint = fingerprintOf(path);
    this.#keys = parseApiKeys(readFileSync(path, 'utf8'));
    this.#checkedMs = performance.now();
  }

  /** Returns `undefined` if the key is unknown. Takes the same time for every key. */
  find(key: string): ApiKey | undefined {
    this.#reloadIfChanged();
    const hash = hashOf(key);
    let match: ApiKey | undefined;
    for (const candidate of this.#keys) {
      if (timingSafeEqual(hash, candidate.hash)) match = candidate;
    }
    return match;
  }

  /** If the file has become invalid or is gone, logs why and keeps the keys. */
  #reloadIfChanged(): void {
    const nowMs = performance.now();
    if (nowMs - this.#checkedMs < CHECK_INTERVAL_MS) return;
    this.#checkedMs = nowMs;
    let fingerprint = 'unknown';
    try {
      fingerprint = fingerprintOf(this.#path);
    } catch {
      // Reading the file fails for the same reason, which is then logged.
    }
    if (fingerprint === this.#fingerprint) return;
    this.#fingerprint = fingerprint;
    try {
      this.#keys = parseApiKeys(readFileSync(this.#path, 'utf8'));
      if (this.#keys.length > 0) this.#log.info({ keys: this.#keys.length }, 'API keys reloaded');
      else this.#log.warn({ path: this.#path }, 'no API keys left: every request is rejected');
    } catch (error) {
      this.#log.error({ err: error }, 'API keys not reloaded: the previous keys stay valid');
    }
  }
}

function fingerprintOf(path: string): string {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? 'gone' : `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}`;
}
