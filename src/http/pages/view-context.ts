// What the views of a search have in common.
import type { Fields } from '../../config/field-table.js';
import { termsOf } from '../api/query-fields.js';
import type { PageQuery } from './page-fields.js';

export interface ViewContext {
  query: PageQuery;
  /** The fields of the page, and of the API's action, for links and the curl command. */
  fields: { page: Fields; api: Fields };
  /** The request that gets the same from the API. */
  request: object;
  /** The query of the texts that results link to, which mark its matches. Empty for a draw. */
  search: string;
  /** The name of the dictionary. */
  dictionary: string;
  /** The origin for the curl command: `http://127.0.0.1:3000`. */
  origin: string;
}

/** Whether a query is a draw from all entries. */
export function isDraw(query: PageQuery): boolean {
  return termsOf(query).length === 0;
}

const NOUNS = { line: ['line', 'lines'], quote: ['quote', 'quotes'] } as const;

/** `line`, `quotes` */
export function entryNoun({ unit }: PageQuery, number: number): string {
  const [one, many] = NOUNS[unit];
  return number === 1 ? one : many;
}

/** Returns a path as a short name within the dictionary, or `undefined` for the dictionary itself. */
export function nameInFolder(file: string, dictionary: string): string | undefined {
  return file.startsWith(`${dictionary}/`) ? file.slice(dictionary.length + 1) : undefined;
}

/** Truncates a text for a table cell. */
export function shorten(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : `${text.slice(0, maxLength)}…`;
}
