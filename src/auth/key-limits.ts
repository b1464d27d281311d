// The limits of an API key, such as `dictionary=public-*`, which its line may add to name and hash.
import { parseRate, RATE_SYNTAX } from '../runtime/rate-limit/parse-rate.js';
import type { Rate } from '../runtime/rate-limit/rate-windows.js';

/** The actions of the API, and adding and removing texts. */
export const KEY_ACTIONS = ['search', 'count', 'frequencies', 'all', 'list', 'upload'] as const;

export type KeyAction = (typeof KEY_ACTIONS)[number];

/** The limits of a key. An absent property means no limit. */
export interface KeyLimits {
  /** Globs for the names of dictionaries, without duplicates, in a fixed order. */
  dictionaries?: readonly string[];
  actions?: readonly KeyAction[];
  /** Replaces the rate limit of the service. */
  rate?: Rate;
  /** The last day on which the key is valid, in UTC: `2027-01-31`. */
  expires?: string;
}

/** The names of the limits, which are also options of `npm run key`. */
export const LIMIT_NAMES = ['dictionary', 'action', 'rate', 'expires'] as const;

type LimitName = (typeof LIMIT_NAMES)[number];

/** Matches every name, so it is no limit. */
const ANY = '*';

const DAY_MS = 86_400_000;

/**
 * Parses limits of the form `NAME=VALUE`. Throws an error that says what was expected and received.
 * It quotes only values of known limits: another word may be a key or a hash by mistake.
 */
export function parseKeyLimits(words: readonly string[]): KeyLimits {
  const values = new Map<LimitName, string[]>();
  for (const word of words) {
    const [, name = '', value] = /^([a-z_-]{1,20})=(.*)$/s.exec(word) ?? [];
    if (value === undefined) throw new Error(`has a word that isn't a limit. Limits look like dictionary=public-*`);
    if (!isLimitName(name)) throw new Error(`has the unknown limit "${name}". Limits: ${LIMIT_NAMES.join(', ')}`);
    values.set(name, [...(values.get(name) ?? []), value]);
  }
  const limits: KeyLimits = {};
  const dictionaries = listOf('dictionary', values, checkGlob);
  if (dictionaries !== undefined && !dictionaries.includes(ANY)) limits.dictionaries = dictionaries;
  const actions = listOf('action', values, checkAction);
  if (actions !== undefined) limits.actions = actions as KeyAction[];
  const rate = onlyOf('rate', values);
  if (rate !== undefined) limits.rate = parseRate(rate) ?? invalid('rate', RATE_SYNTAX, rate);
  const expires = onlyOf('expires', values);
  if (expires !== undefined) limits.expires = checkDate(expires);
  return limits;
}

/** Whether a key with these limits was valid on an earlier day only. */
export function isExpired({ expires }: KeyLimits, nowMs: number): boolean {
  return expires !== undefined && nowMs >= Date.parse(expires) + DAY_MS;
}

/** Splits a line at white space, except after a backslash. */
export function splitWords(line: string): string[] {
  return line.match(/(?:\\.|\S)+/g) ?? [];
}

/** Returns a limit as a word of a line. */
export function toWord(name: LimitName, value: string): string {
  // A backslash at the end would escape the space before the next word.
  return `${name}=${value.replace(/\\.|\\$|\s/g, (part) => (part.length === 2 ? part : `\\${part}`))}`;
}

function isLimitName(name: string): name is LimitName {
  return LIMIT_NAMES.some((each) => each === name);
}

/** Values are separated by commas, or the limit is repeated. */
function listOf(
  name: LimitName,
  values: ReadonlyMap<LimitName, string[]>,
  check: (value: string) => string,
): string[] | undefined {
  const all = values.get(name)?.flatMap((value) => value.split(/(?<=(?<!\\)(?:\\\\)*),/));
  return all === undefined ? undefined : [...new Set(all.map(check))].sort();
}

function onlyOf(name: LimitName, values: ReadonlyMap<LimitName, string[]>): string | undefined {
  const [value, ...others] = values.get(name) ?? [];
  if (others.length > 0) throw new Error(`has the limit "${name}" more than once`);
  return value;
}

/** A line of the file ends at a line break, even after a backslash. */
const INVALID_IN_GLOB = /[/\0\n\r\u2028\u2029]/;

function checkGlob(glob: string): string {
  const expected =
    'a name in the list of dictionaries, or a glob for such names, without "/" (a limit covers whole folders), without line breaks and without "!" at the start';
  const isValid = glob !== '' && !glob.startsWith('!') && !INVALID_IN_GLOB.test(glob);
  return isValid ? glob : invalid('dictionary', expected, glob);
}

function checkAction(action: string): string {
  const isKnown = KEY_ACTIONS.some((each) => each === action);
  return isKnown ? action : invalid('action', `one of ${KEY_ACTIONS.join(', ')}`, action);
}

function checkDate(date: string): string {
  const isDate = /^\d{4}-\d\d-\d\d$/.test(date) && new Date(date).getTime() >= 0;
  // JavaScript takes 2027-02-30 for a day of March.
  const isReal = isDate && new Date(date).toISOString().startsWith(date);
  return isReal ? date : invalid('expires', 'a date like 2027-01-31', date);
}

const MAX_SHOWN_LENGTH = 40;

function invalid(name: LimitName, expected: string, value: string): never {
  const shown = value.length > MAX_SHOWN_LENGTH ? `${value.slice(0, MAX_SHOWN_LENGTH)}…` : value;
  throw new Error(`has an invalid limit: "${name}" must be ${expected}, got ${JSON.stringify(shown)}`);
}
