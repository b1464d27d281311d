// Reads the settings: environment in, one frozen object out, checked whole before anything starts.
import { OperatorError } from '../errors.js';
import { defaultIndexDir } from './default-folders.js';
import { FieldError, type FieldValues, parseFields } from './field-table.js';
import { IS_PACKAGE } from './installation.js';
import { DEFAULT_DICTIONARIES_DIR, DEFAULT_INDEX_DIR, settings } from './settings.js';

export type Config = FieldValues<typeof settings>;

/**
 * Treats an empty variable as unset. Throws one `OperatorError` that lists every invalid setting.
 */
export function parseConfig(env: Record<string, string | undefined>): Readonly<Config> {
  const values = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  // joi doesn't check defaults, and the default folders may be missing or nested.
  if (!IS_PACKAGE) values.DICTIONARIES_DIR ??= DEFAULT_DICTIONARIES_DIR;
  values.INDEX_DIR ??= IS_PACKAGE ? defaultIndexDir(env) : DEFAULT_INDEX_DIR;
  try {
    return Object.freeze(parseFields(settings, values, { convert: true }));
  } catch (error) {
    if (!(error instanceof FieldError)) throw error;
    const list = error.problems.map((problem) => `\n  ${problem}`);
    throw new OperatorError(`Invalid settings (environment variables):${list.join('')}`);
  }
}
