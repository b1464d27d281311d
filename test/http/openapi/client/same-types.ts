// The types that openapi-typescript generates are those of `grepd/client`. client-types.test.ts
// compiles this. Unlike the tables, the document says what the elements of arrays are.

import type { components } from './grepd.js';
import type * as client from './grepd-client/index.js';

type Schemas = components['schemas'];

/** Removes `readonly`, which the generated types don't have. */
type Mutable<T> = T extends string | number | boolean | null | undefined
  ? T
  : { -readonly [Name in keyof T]: Mutable<T[Name]> };

/** Doesn't compile unless each type can be assigned to the other. */
function same<A, B>(..._: [A] extends [B] ? ([B] extends [A] ? [] : [never]) : [never]): void {}

/** Doesn't compile unless the second type can be assigned to the first. */
function accepts<A, B>(..._: [B] extends [A] ? [] : [never]): void {}

/** The fields of all members of a union. */
type Combined<T> = { [Name in keyof T]?: T[Name] | undefined };
type Request<Action extends string, Fields> = { action: Action } & Mutable<Fields>;
type InFormat<Fields, Format extends client.SearchFormat> = Omit<Fields, 'format'> & { format: Format };

export function fields(): void {
  type Fields<Action extends string, Sent> = Combined<Request<Action, Sent>>;
  same<Fields<'search', InFormat<client.SearchFields, 'text'>>, Combined<Schemas['searchText']>>();
  same<Fields<'search', InFormat<client.SearchFields, 'object'>>, Combined<Schemas['searchObject']>>();
  same<Fields<'search', InFormat<client.SearchFields, 'kwic'>>, Combined<Schemas['searchKwic']>>();
  same<Fields<'count', client.CountFields>, Combined<Schemas['count']>>();
  same<Fields<'frequencies', client.FrequenciesFields>, Combined<Schemas['frequencies']>>();
  same<Fields<'all', InFormat<client.AllRequest, 'text'>>, Combined<Schemas['allText']>>();
  same<Fields<'all', InFormat<client.AllRequest, 'object'>>, Combined<Schemas['allObject']>>();
  same<Fields<'list', client.ListRequest>, Combined<Schemas['list']>>();
}

export function requests(): void {
  accepts<Schemas['searchText'], Request<'search', client.SearchRequest & { format?: 'text' | undefined }>>();
  accepts<Schemas['searchKwic'], Request<'search', client.SearchRequest & { format: 'kwic' }>>();
  accepts<Schemas['count'], Request<'count', client.CountRequest>>();
  accepts<Schemas['frequencies'], Request<'frequencies', client.FrequenciesRequest>>();
}

export function answers(): void {
  same<client.EntryObject, Schemas['entry']>();
  same<client.ConcordanceLine, Schemas['concordanceLine']>();
  same<client.FileCount, Schemas['fileCount']>();
  same<client.Frequency, Schemas['frequency']>();
  same<client.EntryObject[], Schemas['objectAnswer']['results']>();
  same<string[], Schemas['textAnswer']['results']>();
  same<{ 'nr of entries': number; truncated?: string }, Schemas['lastLine']>();
}
