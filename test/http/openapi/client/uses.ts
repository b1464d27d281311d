// Uses of a typed client. client-types.test.ts generates `grepd.d.ts`, copies `client.ts` from the
// documentation, and compiles them: each line below `@ts-expect-error` must be an error.
import createClient from 'openapi-fetch';
import { connect } from './client.js';
import type { components, paths } from './grepd.js';

type Schemas = components['schemas'];

export async function requests(url: string): Promise<void> {
  const ask = connect(url);
  await ask({ action: 'search', term: 'x' });
  await ask({ action: 'search', all_of: ['x', { term: 'y', syntax: 'regex' }], none_of: ['z'] });
  await ask({ action: 'count', any_of: ['x'], files: 'a*' });
  await ask({ action: 'all', files: ['a*', '!b*'], order: 'random', seed: 1 });
  await ask({ action: 'list' });
  // @ts-expect-error: no such field
  await ask({ action: 'search', term: 'x', nope: 1 });
  // @ts-expect-error: a field of another action
  await ask({ action: 'search', term: 'x', by: 'left' });
  // @ts-expect-error: no such action
  await ask({ action: 'find', term: 'x' });
  // @ts-expect-error: a search requires a term
  await ask({ action: 'search' });
  // @ts-expect-error: the wrong type
  await ask({ action: 'search', term: 5 });
  // @ts-expect-error: no such value
  await ask({ action: 'search', term: 'x', syntax: 'perl' });
  // @ts-expect-error: not an order of this action
  await ask({ action: 'all', order: 'left' });
  // @ts-expect-error: `all` has no concordance
  await ask({ action: 'all', format: 'kwic' });
}

export async function results(url: string): Promise<object> {
  const ask = connect(url);
  const text = await ask({ action: 'search', term: 'love', nresults: 2 });
  const lines: string[] = text.results;
  const explicit: string[] = (await ask({ action: 'all', format: 'text', nresults: 2 })).results;
  const names: string[] = (await ask({ action: 'list', folder: 'moby-dick', filter: 'before-*' })).results;
  // @ts-expect-error: not an object
  text.results[0]?.file;

  const object = await ask({ action: 'search', term: 'love', format: 'object', nresults: 1 });
  const entries = object.results.map(({ file, line, matches: [[start, end] = [0, 0]] }) => {
    const first: [string, number] = [file, line];
    return [...first, end - start];
  });
  // @ts-expect-error: a field of a concordance
  object.results[0]?.left;
  // @ts-expect-error: not a string
  object.results satisfies string[];

  const kwic = await ask({ action: 'search', term: 'love', format: 'kwic', width: 5, nresults: 1 });
  const rows: string[] = kwic.results.map(({ left, match, right }) => left + match + right);
  // @ts-expect-error: a field of an object
  kwic.results[0]?.before;

  const count = await ask({ action: 'count', term: 'whale', dictionary: 'moby-dick', files: 'before-*' });
  const counts: number[] = count.results.map(({ entries, matches, per_million_words }) => {
    return per_million_words > 0 ? entries + matches : 0;
  });
  const frequencies = await ask({ action: 'frequencies', term: 'lo[a-z]*', syntax: 'regex', nresults: 1 });
  const likelihoods: (number | undefined)[] = frequencies.results.map(({ log_likelihood }) => log_likelihood);
  const total: number = count['nr of entries'];
  const truncated: string | undefined = count.truncated;
  return { lines, explicit, names, entries, rows, counts, likelihoods, total, truncated };
}

/** The other media types don't make the answers in JSON strings. */
export async function withoutOverloads(baseUrl: string): Promise<number | undefined> {
  const client = createClient<paths, 'application/json'>({ baseUrl });
  const { data, error } = await client.GET('/api/v1/search', { params: { query: { term: 'x', files: ['a', 'b'] } } });
  const status: number | undefined = error?.Code;
  const entries: number | undefined = data?.['nr of entries'];
  // @ts-expect-error: not a string
  data satisfies string | undefined;
  // @ts-expect-error: no such parameter
  await client.GET('/api/v1/search', { params: { query: { nope: 'x' } } });
  return status ?? entries;
}

export async function links(baseUrl: string): Promise<string[]> {
  const client = createClient<paths, 'application/json'>({ baseUrl });
  const { data } = await client.GET('/api/v1/dictionaries');
  if (data === undefined) throw new Error('no answer');
  const request: Schemas['search'] = data.links.search.body;
  const method: 'GET' = data.links.instructions.method;
  // @ts-expect-error: no such link
  data.links.nope;
  // @ts-expect-error: a GET has no body
  data.links.total.body;
  return [request.action, method, data.links.total.path];
}
