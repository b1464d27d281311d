// Who may use the service, where that is not everybody: a file with a name and the SHA-256 of a key on each line.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import type { Logger } from 'pino';

export interface ApiKey {
  name: string;
  /** SHA-256 of the key. */
  hash: Buffer;
}

/** Names stand in logs and metrics as they are. */
export const KEY_NAME = /^[\w.-]{1,64}$/;

const HASH = /^[0-9a-f]{64}$/i;

/** Lines that are empty or begin with `#` are passed over. Throws an error that says which line is wrong, but not what it holds. */
export function parseApiKeys(text: string): ApiKey[] {
  const keys: ApiKey[] = [];
  for (const [at, line] of text.split('\n').entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    const [name = '', hash = '', ...more] = line.trim().split(/\s+/);
    if (!KEY_NAME.test(name) || !HASH.test(hash) || more.length > 0) {
      throw new Error(`line ${at + 1} is not a name (letters, digits, "_", "." and "-") and a SHA-256 in hexadecimal`);
    }
    if (keys.some((key) => key.name === name)) throw new Error(`line ${at + 1} has a name that another line has`);
    if (hash.toLowerCase() === HASH_OF_NOTHING) throw new Error(`line ${at + 1} has the SHA-256 of an empty key`);
    keys.push({ name, hash: Buffer.from(hash, 'hex') });
  }
  return keys;
}

/** A new key, and the line that lets it in. 256 bits: nobody finds it by trying, so that no slow hash is needed. */
export function createApiKey(name: string): { key: string; line: string } {
  const key = randomBytes(32).toString('base64url');
  return { key, line: `${name} ${hashOf(key).toString('hex')}` };
}

function hashOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

/** What a script makes of a variable that is not set. Anybody could send that key. */
const HASH_OF_NOTHING = hashOf('').toString('hex');

/** How often the file is looked at. */
const LOOK_EVERY_MS = 1_000;

export class ApiKeys {
  readonly #path: string;
  readonly #log: Logger;
  #keys: ApiKey[];
  #version: string;
  #lookedMs: number;

  /** Throws where the file can't be read, or is wrong. */
  constructor(path: string, log: Logger) {
    this.#path = path;
    this.#log = log;
    this.#version = versionOf(path);
    this.#keys = parseApiKeys(readFileSync(path, 'utf8'));
    this.#lookedMs = performance.now();
  }

  /** Takes as long for a key that is nearly right as for any other. */
  nameOf(key: string): string | undefined {
    this.#look();
    const hash = hashOf(key);
    let found: string | undefined;
    for (const { name, hash: known } of this.#keys) {
      if (timingSafeEqual(hash, known)) found = name;
    }
    return found;
  }

  /** Where the file has become wrong, or is gone, those who were let in before still are, and the log says so. */
  #look(): void {
    const nowMs = performance.now();
    if (nowMs - this.#lookedMs < LOOK_EVERY_MS) return;
    this.#lookedMs = nowMs;
    let version = 'unknown';
    try {
      version = versionOf(this.#path);
    } catch {
      // Reading it will tell why.
    }
    if (version === this.#version) return;
    this.#version = version;
    try {
      this.#keys = parseApiKeys(readFileSync(this.#path, 'utf8'));
      if (this.#keys.length > 0) this.#log.info({ keys: this.#keys.length }, 'API keys read again');
      else this.#log.warn({ path: this.#path }, 'no API keys left: every request is rejected');
    } catch (error) {
      this.#log.error({ err: error }, 'the file of API keys can not be used: the keys remain as they were');
    }
  }
}

function versionOf(path: string): string {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? 'gone' : `${found.dev}:${found.ino}:${found.size}:${found.mtimeNs}:${found.ctimeNs}`;
}
