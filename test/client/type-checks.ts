// The types of the client agree with the server's, and its results follow the request. The build
// fails otherwise: add a new field, value or code to src/client/ too. (client-types.test.ts compares
// the types with the OpenAPI document, which also has the types of elements.)
import type { KnownTruncation } from '../../src/client/answers.js';
import type * as client from '../../src/client/index.js';
import type { FieldValues } from '../../src/config/field-table.js';
import type { errorKinds } from '../../src/errors.js';
import type { Actions } from '../../src/http/api/actions.js';
import type { dictionaryListFields } from '../../src/http/api/dictionary-list.js';
import type * as engine from '../../src/search/engine.js';
import type * as query from '../../src/search/query.js';

/** `true` if the types are the same, in both directions. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Removes the difference between `A & B` and a plain object. */
type Plain<T> = { [Name in keyof T]: T[Name] };

/** Doesn't compile unless the types are the same. */
function same<A, B>(..._: Same<A, B> extends true ? [] : [never, 'the types differ', A, B]): void {}

/** The fields whose checked values have another type than those in a request: one or several. */
type Converted = 'dictionary' | 'files' | 'all_of' | 'any_of' | 'none_of';
/** The fields of a request, all optional, as the server checks them. */
type Checked<Fields> = Plain<{ [Name in Exclude<keyof Fields, Converted>]?: Fields[Name] | undefined }>;
type Sent<Request> = Plain<{ [Name in Exclude<keyof Request, Converted>]?: Mutable<Request[Name]> | undefined }>;
type Mutable<T> = T extends readonly (infer Item)[] ? Item[] : T;

type Values<Name extends keyof Actions> = FieldValues<Actions[Name]['fields']>;

export function requests(): void {
  same<keyof Actions, Exclude<keyof client.Client, 'dictionaries' | `${string}Stream`>>();
  same<keyof Values<'search'>, keyof client.SearchFields>();
  same<keyof Values<'count'>, keyof client.CountFields>();
  same<keyof Values<'frequencies'>, keyof client.FrequenciesFields>();
  same<keyof Values<'all'>, keyof client.AllRequest>();
  same<keyof Values<'list'>, keyof client.ListRequest>();
  same<Checked<Values<'search'>>, Sent<client.SearchFields>>();
  same<Checked<Values<'count'>>, Sent<client.CountFields>>();
  same<Checked<Values<'frequencies'>>, Sent<client.FrequenciesFields>>();
  same<Checked<Values<'all'>>, Sent<client.AllRequest>>();
  same<Checked<Values<'list'>>, Sent<client.ListRequest>>();
  same<Checked<FieldValues<typeof dictionaryListFields>>, Sent<client.DictionariesRequest>>();
}

export function answers(): void {
  same<client.EntryObject, engine.EntryObject>();
  same<client.ConcordanceLine, query.ConcordanceLine>();
  same<client.FileCount, query.FileCount>();
  same<client.Frequency, query.Frequency>();
  same<client.Dictionary, engine.Dictionary>();
  same<client.ErrorCode, keyof typeof errorKinds>();
  same<engine.Truncation | client.ErrorCode | 'time', KnownTruncation>();
}

export async function results(grepd: client.Client, format: client.SearchFormat, maybe?: 'object'): Promise<void> {
  const text = await grepd.search({ term: 'x' });
  same<typeof text, client.Answer<string>>();
  const object = await grepd.search({ term: 'x', format: 'object' });
  same<typeof object, client.Answer<client.EntryObject>>();
  const kwic = await grepd.search({ any_of: ['x', { term: 'y', syntax: 'word' }], format: 'kwic' });
  same<typeof kwic, client.Answer<client.ConcordanceLine>>();
  const any = await grepd.search({ term: 'x', format });
  same<typeof any, client.Answer<string | client.EntryObject | client.ConcordanceLine>>();
  // A format that may be missing may be the default.
  const either = await grepd.search({ term: 'x', ...(maybe && { format: maybe }) });
  same<typeof either, client.Answer<string | client.EntryObject>>();
  const possible = await grepd.all({ format: maybe });
  same<typeof possible, client.Answer<string | client.EntryObject>>();
  const all = await grepd.all();
  same<typeof all, client.Answer<string>>();
  const counts = await grepd.count({ none_of: ['x'] });
  same<typeof counts, client.Answer<client.FileCount>>();
  const frequencies = await grepd.frequencies({ term: 'x', by: 'left' });
  same<typeof frequencies, client.Answer<client.Frequency>>();
  const names = await grepd.list({ options: ['-l'] });
  same<typeof names, client.Answer<string>>();
  for await (const entry of grepd.searchStream({ term: 'x', format: 'object' }))
    same<typeof entry, client.EntryObject>();
  for await (const entry of grepd.allStream()) same<typeof entry, string>();
  for await (const line of grepd.countStream({ term: 'x' })) same<typeof line, client.FileCount>();
}

export async function mistakes(grepd: client.Client): Promise<void> {
  // @ts-expect-error: a search requires a term
  await grepd.search({});
  // @ts-expect-error: a term that may be missing
  await grepd.search({ term: undefined });
  // @ts-expect-error: no such field
  await grepd.search({ term: 'x', nope: 1 });
  // @ts-expect-error: a field of another action
  await grepd.count({ term: 'x', nresults: 1 });
  // @ts-expect-error: no such format
  await grepd.search({ term: 'x', format: 'location' });
  // @ts-expect-error: `all` has no concordance
  await grepd.all({ format: 'kwic' });
  // @ts-expect-error: not an option of `ls`
  await grepd.list({ options: ['-Z'] });
  // @ts-expect-error: a format without the field `format`
  await grepd.search<'object'>({ term: 'x' }).then(({ results }) => results[0]?.file);
}
