// Builds the URLs of pages. Query parameters have the names of the API's fields.
import { type Fields, omitDefaults } from '../../config/field-table.js';
import { fromSelector } from '../api/dictionary-field.js';
import { routes } from '../routes.js';
import { renderTermList } from './term-list.js';

/** The search page with a query, as `submittedFields` reads it. Omits fields with their default. */
export function searchUrl(fields: Fields, query: object): string {
  const search = searchParameters(fields, query);
  return search === '' ? routes.page.path : `${routes.page.path}?${search}`;
}

/** The parameters of the search page for a query, for its address and those of texts. */
export function searchParameters(fields: Fields, query: object): string {
  const parameters = Object.entries(omitDefaults(fields, query)).flatMap(([name, value]) =>
    parameterValues(name, value).map((text) => [name, text]),
  );
  return String(new URLSearchParams(parameters));
}

function parameterValues(name: string, value: unknown): string[] {
  if (name === 'dictionary') return typeof value === 'string' ? [fromSelector(value)].flat() : (value as string[]);
  if (!Array.isArray(value)) return [String(value)];
  return value.length === 1 ? [renderTermList(value)] : value;
}

/**
 * The page of a text, or of a folder of texts.
 * @param line a line to scroll to
 * @param offset where to begin in that line, in UTF-16 code units
 * @param search further parameters: a search whose matches to mark
 */
export function textUrl(name: string, line?: number, offset = 0, search = ''): string {
  const path = `${routes.texts.path}/${name.split('/').map(encodeURIComponent).join('/')}`;
  const place = [line === undefined ? '' : `line=${line}`, offset === 0 ? '' : `at=${offset}`, search];
  const query = place.filter((part) => part !== '').join('&');
  return `${path}${query === '' ? '' : `?${query}`}${line === undefined ? '' : `#L${line}`}`;
}

/** @param selector the dictionaries to draw from */
export function randomUrl(selector: string | undefined): string {
  if (selector === undefined) return routes.random.path;
  const names = [fromSelector(selector)].flat().map((name) => ['dictionary', name]);
  return `${routes.random.path}?${new URLSearchParams(names)}`;
}
