// Completion scripts for shells, from the table of commands.
import { OperatorError } from '../../errors.js';
import { renderBash } from './bash.js';
import { listDictionaryNames } from './dictionary-names.js';
import { renderZsh } from './zsh.js';

const scripts: Record<string, () => string> = { bash: renderBash, zsh: renderZsh };

/** The scripts call `dictionaries`, which lists the names that the running service has. */
export async function completion([shell = '', ...rest]: string[]): Promise<string> {
  if (shell === 'dictionaries') return listDictionaryNames(process.env);
  if (rest.length === 0 && Object.hasOwn(scripts, shell)) return (scripts[shell] as () => string)();
  const shown = JSON.stringify([shell, ...rest].join(' '));
  throw new OperatorError(`The shell must be one of ${Object.keys(scripts).join(', ')}, got ${shown}`);
}
