// Suggests the dictionary or route that a caller meant: "Did you mean …?"
import { AppError } from '../../errors.js';
import { perEngine } from '../access.js';
import { textUrl } from '../pages/urls.js';
import type { RequestContext } from '../request-state.js';
import { closestName } from './closest-name.js';
import { DictionaryNames } from './dictionary-names.js';

export interface SpellingSuggestion {
  name: string;
  /** The name as messages quote it. */
  quoted: string;
  url: string;
}

/** Returns `undefined` if the error is of another kind, or nothing has a similar name. */
export type SuggestSpelling = (
  error: AppError,
  ctx: Pick<RequestContext, 'engine'>,
) => Promise<SpellingSuggestion | undefined>;

/** @param paths the paths of the routes */
export function createSpellingSuggestions(paths: readonly string[]): SuggestSpelling {
  const dictionariesOf = perEngine((engine) => new DictionaryNames(engine));
  return async ({ code, unknownName: unknown }, ctx) => {
    if (unknown === undefined) return undefined;
    if (code === 'unknown_route') {
      const path = closestName(unknown.replace(/(?<=.)\/+$/, ''), paths);
      return path === undefined ? undefined : { name: path, quoted: path, url: path };
    }
    const name = suggestDictionary(unknown, await dictionariesOf(ctx).get());
    return name === undefined ? undefined : { name, quoted: JSON.stringify(name), url: textUrl(name) };
  };
}

/** Suggests a dictionary for an unknown one, or for a file in an unknown folder. */
export function suggestDictionary(unknown: string, names: readonly string[]): string | undefined {
  const [folder = ''] = unknown.split('/', 1);
  // The folder exists, but doesn't contain the file.
  return names.includes(folder) ? undefined : (closestName(unknown, names) ?? closestName(folder, names));
}

/** Appends the suggestion to the message, but not to the reason in the log. */
export function withSuggestion(error: AppError, suggestion: SpellingSuggestion | undefined): AppError {
  if (suggestion === undefined) return error;
  const { code, reason } = error;
  return new AppError(code, `${error.message} Did you mean ${suggestion.quoted}?`, { cause: error, reason });
}
