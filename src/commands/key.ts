// Creates an API key, and adds it to the file that API_KEYS names, if any.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createApiKey, KEY_NAME, parseApiKeys } from '../auth/api-keys.js';
import { isExpired, type KeyLimits, LIMIT_NAMES, parseKeyLimits, toWord } from '../auth/key-limits.js';
import { OperatorError } from '../errors.js';

const USAGE = `Usage: npm run key -- NAME [--dictionary GLOB]… [--action ACTION]… [--rate RATE] [--expires DATE].
NAME is 1 to 64 letters, digits, "_", "." or "-".`;

export async function createKey(args: readonly string[]): Promise<string> {
  const { name, limits } = parseArguments(args);
  const { API_KEYS: file } = process.env;
  const { key, line } = createApiKey(name, limits);
  const intro = `${key}\n\nThis key is shown only once. Send it with each request: "Authorization: Bearer ${key}".\n`;
  if (!file) return `${intro}To accept it, add this line to the file that API_KEYS names:\n\n${line}`;
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (namesIn(file, text).includes(name)) {
    throw new OperatorError(`${file} already has a key named "${name}". Remove its line first, or use another name.`);
  }
  appendFileSync(file, `${text === '' || text.endsWith('\n') ? '' : '\n'}${line}\n`, { mode: 0o600 });
  return `${intro}It has been added to ${file}. Running workers accept it within a second.`;
}

/** Returns the name of the key, and its limits as words of its line. */
function parseArguments(args: readonly string[]): { name: string; limits: string[] } {
  const { positionals, values } = parse(args);
  const [name, ...rest] = positionals;
  if (name === undefined || rest.length > 0 || !KEY_NAME.test(name)) throw new OperatorError(USAGE);
  const limits = LIMIT_NAMES.flatMap((limit) => (values[limit] ?? []).map((value) => toWord(limit, value)));
  if (isExpired(parseLimits(limits), Date.now()))
    throw new OperatorError(`The key would have expired already. The current day in UTC is ${today()}.`);
  return { name, limits };
}

function parseLimits(limits: readonly string[]): KeyLimits {
  try {
    return parseKeyLimits(limits);
  } catch (error) {
    throw new OperatorError(`The key ${(error as Error).message}.`, { cause: error });
  }
}

function today(): string {
  return new Date().toISOString().slice(0, '2027-01-31'.length);
}

function parse(args: readonly string[]) {
  const option = { type: 'string', multiple: true } as const;
  try {
    const options = { dictionary: option, action: option, rate: option, expires: option };
    return parseArgs({ args: [...args], allowPositionals: true, options });
  } catch (error) {
    throw new OperatorError(`${(error as Error).message}\n${USAGE}`, { cause: error });
  }
}

function namesIn(file: string, text: string): string[] {
  try {
    return parseApiKeys(text).map(({ name }) => name);
  } catch (error) {
    throw new OperatorError(`${file}: ${(error as Error).message}`, { cause: error });
  }
}
