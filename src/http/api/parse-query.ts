// Parses a search in the query of a URL, whose parameters have the names of the API's fields.
import { type Fields, renderValue } from '../../config/field-table.js';
import { AppError } from '../../errors.js';
import { parseRequestFields } from '../request-fields.js';
import type { Action, Actions } from './actions.js';
import { type Download, downloadField } from './download.js';
import { type ActionTable, type ParsedRequest, parseAction } from './parse-request.js';

export const DEFAULT_ACTION = 'search';

/** Returns the actions that search. Their answers depend on the version of a dictionary. */
export function searchingActions(actions: Actions): ActionTable {
  return Object.fromEntries(Object.entries<Action>(actions).filter(([, { isCacheable }]) => isCacheable));
}

export interface ParsedQuery extends ParsedRequest {
  /** The format if the answer is to be a file. */
  download: Download | undefined;
}

/** Throws `invalid_request`. The message says what was expected and received. */
export function parseQuery(actions: ActionTable, query: string): ParsedQuery {
  const values = readParameters(query);
  const action = onlyValue('action', values.get('action') ?? [DEFAULT_ACTION]);
  values.delete('action');
  const download = parseDownload(values.get('download'));
  values.delete('download');
  const fields = Object.hasOwn(actions, action) ? (actions[action] as Action).fields : {};
  const input = [...values].map(([name, texts]) => [name, fieldValue(fields, name, texts)] as const);
  return { ...parseAction(actions, action, Object.fromEntries(input), { convert: true }), download };
}

function parseDownload(texts: readonly string[] | undefined): Download | undefined {
  const input = texts === undefined ? {} : { download: onlyValue('download', texts) };
  return parseRequestFields({ download: downloadField }, input, { convert: true }).download;
}

function fieldValue(fields: Fields, name: string, texts: readonly string[]): string | readonly string[] | undefined {
  // Unknown fields are reported later, all at once.
  if (!Object.hasOwn(fields, name)) return texts[0];
  return arrayFields(fields).has(name) ? texts : onlyValue(name, texts);
}

function onlyValue(name: string, texts: readonly string[]): string {
  if (texts.length === 1) return texts[0] as string;
  throw new AppError('invalid_request', `${renderValue(name)} takes one value, but the query has ${texts.length}.`);
}

/** Splits a query in the encoding of HTML forms. Rejects invalid UTF-8 instead of replacing it. */
function readParameters(query: string): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const parameter of query.split('&')) {
    if (parameter === '') continue;
    const [name = '', ...rest] = parameter.split('=');
    const key = decode(name);
    const texts = values.get(key) ?? [];
    values.set(key, texts);
    texts.push(decode(rest.join('=')));
  }
  return values;
}

function decode(text: string): string {
  try {
    // Node.js decodes non-ASCII bytes as Latin-1.
    if (/^[!-~]*$/.test(text)) return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    // Report it below.
  }
  const expected = 'The query must be percent-encoded UTF-8';
  throw new AppError('invalid_request', `${expected}, got ${renderValue(text)}.`, { reason: `${expected}.` });
}

const arrayFieldsByTable = new WeakMap<Fields, ReadonlySet<string>>();

/** Returns the names of the fields that take an array: repeated parameters in a query. */
export function arrayFields(fields: Fields): ReadonlySet<string> {
  const cached = arrayFieldsByTable.get(fields);
  if (cached !== undefined) return cached;
  const names = Object.entries(fields)
    .filter(([, { schema }]) => takesArray(schema.describe() as SchemaDescription))
    .map(([name]) => name);
  const created = new Set(names);
  arrayFieldsByTable.set(fields, created);
  return created;
}

/** From joi's `describe()`. The alternatives of a schema are in `matches`. */
interface SchemaDescription {
  type?: string;
  matches?: { schema?: SchemaDescription }[];
}

function takesArray({ type, matches = [] }: SchemaDescription): boolean {
  return type === 'array' || matches.some(({ schema }) => schema !== undefined && takesArray(schema));
}
