// `npm run key -- NAME`: makes an API key, and lets it in where API_KEYS names a file.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { createApiKey, KEY_NAME, parseApiKeys } from '../auth/api-keys.js';
import { OperatorError } from '../errors.js';
import { runCommand } from './command.js';

await runCommand(async () => {
  const [name, ...more] = process.argv.slice(2);
  if (name === undefined || more.length > 0 || !KEY_NAME.test(name)) {
    throw new OperatorError('npm run key -- NAME: a name of letters, digits, "_", "." and "-", 64 at most');
  }
  const { API_KEYS: file } = process.env;
  const { key, line } = createApiKey(name);
  const told = `${key}\n\nThis key is told only now. It goes with each request: "Authorization: Bearer ${key}".\n`;
  if (!file) return `${told}It is let in by this line in the file that API_KEYS names:\n\n${line}`;
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  if (keysIn(file, text).includes(name)) {
    throw new OperatorError(
      `${file} has a key with the name "${name}" already: remove its line first, or take another name`,
    );
  }
  appendFileSync(file, `${text === '' || text.endsWith('\n') ? '' : '\n'}${line}\n`, { mode: 0o600 });
  return `${told}It is in ${file}, which workers read again within a second.`;
});

function keysIn(file: string, text: string): string[] {
  try {
    return parseApiKeys(text).map(({ name }) => name);
  } catch (error) {
    throw new OperatorError(`${file}: ${(error as Error).message}`, { cause: error });
  }
}
