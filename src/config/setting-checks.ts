// Joi extensions for settings: checks against the file system, and parsers of values with a syntax.
import { accessSync, constants, existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type Joi from 'joi';
import { parseApiKeys } from '../auth/api-keys.js';
import { parseRate } from '../runtime/rate-limit/parse-rate.js';
import type { Rate } from '../runtime/rate-limit/rate-windows.js';
import { namesWithSuffix } from '../search/corpus/encodings.js';
import { engineNames } from '../search/engine-names.js';

export function checkReadableFolder(path: string, helpers: Joi.CustomHelpers) {
  try {
    accessSync(path, constants.R_OK | constants.X_OK);
    return statSync(path).isDirectory() ? path : helpers.error('any.invalid');
  } catch {
    return helpers.error('any.invalid');
  }
}

/**
 * Accepts any folder that grepd can keep apart from the dictionaries, whether or not it exists. A
 * folder that isn't used isn't checked.
 */
export function checkIndexFolder(path: string, helpers: Joi.CustomHelpers) {
  const [{ DICTIONARIES_DIR, SEARCH_ENGINE, INDEX }] = helpers.state.ancestors as [Record<string, unknown>];
  if (INDEX === false || (SEARCH_ENGINE !== undefined && SEARCH_ENGINE !== 'grep')) return path;
  const [index, dictionaries] = [realPathOf(resolve(path)), realPathOf(resolve(String(DICTIONARIES_DIR)))];
  const isNested = isWithin(index, dictionaries) || isWithin(dictionaries, index);
  return isNested || isOtherFile(index) ? helpers.error('any.invalid') : path;
}

/** Resolves the links of an absolute path, of which the end may be missing. */
function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path === dirname(path) ? path : join(realPathOf(dirname(path)), basename(path));
  }
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(join(folder, '/'));
}

/** Whether something that isn't a folder has this path. */
function isOtherFile(path: string): boolean {
  try {
    return !statSync(path).isDirectory();
  } catch {
    return false;
  }
}

export function rejectCredentials(url: string, helpers: Joi.CustomHelpers) {
  const { username, password } = new URL(url);
  return username === '' && password === '' ? url : helpers.error('any.invalid');
}

/** Accepts `clickhouse` only with a cluster. */
export function checkEngine(name: string, helpers: Joi.CustomHelpers) {
  const [{ CLICKHOUSE_URL }] = helpers.state.ancestors as [Record<string, unknown>];
  const isKnown = engineNames.some((known) => known === name);
  const isAvailable = isKnown && (name !== 'clickhouse' || CLICKHOUSE_URL !== undefined);
  return isAvailable ? name : helpers.error('any.invalid');
}

/** A cluster has its own copy of the texts, which an upload would not reach. */
export function checkUploads(isOn: boolean, helpers: Joi.CustomHelpers) {
  const [{ SEARCH_ENGINE }] = helpers.state.ancestors as [Record<string, unknown>];
  return isOn && SEARCH_ENGINE === 'clickhouse' ? helpers.error('any.invalid') : isOn;
}

/** The nodes of a cluster have the same database. */
export function parseClusterUrls(text: string, helpers: Joi.CustomHelpers) {
  const urls = text.split(',').map((url) => url.trim());
  const isNode = (url: string) => URL.canParse(url) && /^https?:$/.test(new URL(url).protocol) && isPlain(new URL(url));
  const isPlain = ({ pathname, search, hash }: URL) => /^\/\w*$/.test(pathname) && search === '' && hash === '';
  if (!urls.every(isNode)) return helpers.error('any.invalid');
  try {
    for (const { username, password } of urls.map((url) => new URL(url))) decodeURIComponent(username + password);
  } catch {
    return helpers.error('any.invalid');
  }
  return new Set(urls.map((url) => new URL(url).pathname)).size === 1 ? urls : helpers.error('any.invalid');
}

export function checkDictionaryExists(name: string, helpers: Joi.CustomHelpers) {
  const [{ DICTIONARIES_DIR, SEARCH_ENGINE }] = helpers.state.ancestors as [Record<string, string>];
  // Another engine has its own dictionaries, which can't be listed yet.
  if (SEARCH_ENGINE !== undefined && SEARCH_ENGINE !== 'grep') return name;
  const folder = String(DICTIONARIES_DIR);
  const paths = [name, ...namesWithSuffix(name)].map((path) => join(folder, path));
  return paths.some((path) => existsSync(path)) ? name : helpers.error('any.invalid');
}

export function checkKeyFile(path: string, helpers: Joi.CustomHelpers) {
  try {
    // Without a key, the service would reject every request.
    return parseApiKeys(readFileSync(path, 'utf8')).length > 0 ? path : helpers.error('any.invalid');
  } catch (error) {
    return helpers.error('any.invalid', { reason: (error as Error).message });
  }
}

/** A worker needs about 95 MiB when idle and 170 MiB under load, in addition to its cache. */
const WORKER_MEMORY_MB = 192;

export function minMemoryMb(cacheBytes: number): number {
  return WORKER_MEMORY_MB + Math.ceil(cacheBytes / 2 ** 20);
}

/** With less memory, PM2 would replace workers in a loop. */
export function checkMemory(megabytes: number, helpers: Joi.CustomHelpers) {
  const [{ CACHE_BYTES }] = helpers.state.ancestors as [{ CACHE_BYTES: number }];
  return megabytes < minMemoryMb(CACHE_BYTES) ? helpers.error('any.invalid') : megabytes;
}

export function checkRate(text: string, helpers: Joi.CustomHelpers): Rate | Joi.ErrorReport {
  return parseRate(text) ?? helpers.error('any.invalid');
}

export function parseOrigins(value: unknown, helpers: Joi.CustomHelpers) {
  const origins = String(value)
    .split(',')
    .map((origin) => origin.trim());
  const isOrigin = (origin: string) => origin === '*' || (URL.canParse(origin) && new URL(origin).origin === origin);
  return origins.every(isOrigin) ? origins : helpers.error('any.invalid');
}

export function parseProxyCount(value: unknown, helpers: Joi.CustomHelpers) {
  if (value === 'true') return 1;
  if (value === 'false') return 0;
  return /^(\d|10)$/.test(String(value)) ? Number(value) : helpers.error('any.invalid');
}
