// What the views of a search have in common.
import type { Fields } from '../../config/field-table.js';
import { ALL_DICTIONARIES, namesIn, selectsSeveral } from '../../search/dictionary-selector.js';
import { termsOf } from '../api/query-fields.js';
import { renderNumber } from './numbers.js';
import type { PageQuery } from './page-fields.js';

export interface ViewContext {
  query: PageQuery;
  /** The fields of the page, and of the API's action, for links and the curl command. */
  fields: { page: Fields; api: Fields };
  /** The request that gets the same from the API. */
  request: object;
  /** The query of the texts that results link to, which mark its matches. Empty for a draw. */
  search: string;
  /** The selector of the dictionaries. */
  dictionary: string;
  /** The origin for the curl command: `http://127.0.0.1:3000`. */
  origin: string;
}

/** Whether a query is a draw from all entries. */
export function isDraw(query: PageQuery): boolean {
  return termsOf(query).length === 0;
}

const NOUNS = { line: ['line', 'lines'], quote: ['paragraph', 'paragraphs'] } as const;

/** `line`, `paragraphs` */
export function entryNoun({ unit }: PageQuery, number: number): string {
  const [one, many] = NOUNS[unit];
  return number === 1 ? one : many;
}

/** Names what a selector selects: `moby-dick`, `all texts`, `3 texts`. */
export function nameOfSource(selector: string): string {
  if (selector === ALL_DICTIONARIES) return 'all texts';
  return selectsSeveral(selector) ? `${renderNumber(namesIn(selector).length)} texts` : selector;
}

/** Returns a path as a short name within the dictionary, or `undefined` for the dictionary itself. */
export function nameInFolder(file: string, dictionary: string): string | undefined {
  if (selectsSeveral(dictionary)) return file;
  return file.startsWith(`${dictionary}/`) ? file.slice(dictionary.length + 1) : undefined;
}

/** Truncates a text for a table cell. */
export function shorten(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : `${text.slice(0, maxLength)}…`;
}
