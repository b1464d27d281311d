// The addresses of pages: what is asked for stands in them, by the names that the API has for it.
import { type Fields, withoutDefaults } from '../../config/field-table.js';
import { routes } from '../routes.js';

/** The search page that asks this. */
export function searchAddress(fields: Fields, query: object): string {
  const given = Object.entries(withoutDefaults(fields, query)).map(([name, value]) => [name, String(value)]);
  return given.length === 0 ? routes.page.path : `${routes.page.path}?${new URLSearchParams(given)}`;
}

/** The page of a text, or of a folder of texts. With a line: where that can be seen, and from which of its characters on. */
export function textAddress(name: string, line?: number, at = 0): string {
  const path = `${routes.texts.path}/${name.split('/').map(encodeURIComponent).join('/')}`;
  return line === undefined ? path : `${path}?line=${line}${at === 0 ? '' : `&at=${at}`}#L${line}`;
}

export function randomAddress(dictionary: string | undefined): string {
  const query = dictionary === undefined ? '' : `?${new URLSearchParams({ dictionary })}`;
  return `${routes.random.path}${query}`;
}
