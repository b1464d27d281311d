// Sends generated requests to the API by GET and by POST, and compares the answers. Not a test
// file itself.
import { expect } from 'chai';
import fc from 'fast-check';
import { request } from 'undici';
import { defaultActions } from '../../../src/http/api/actions.js';
import { texts } from '../../helpers/fixtures.js';
import type { RunningApp } from '../../helpers/start-app.js';

const { list: _, ...searching } = defaultActions;

interface Options {
  seed: number;
  questions: number;
}

interface Answered {
  status: number;
  headers: unknown[];
  body: string;
}

const TERMS = [
  'love',
  'LOVE',
  'o',
  'a b',
  'é',
  '愛',
  '😀',
  '%',
  '+',
  '&',
  '=',
  '#',
  '-v love',
  '.*',
  '(',
  '^$',
  '[love]',
  '\\',
  '5',
  'true',
  'null',
  '',
  ' ',
  'a\0b',
  '\u2028',
  '__proto__',
  '["a"]',
  '{"a":1}',
];

const DICTIONARIES = [...Object.keys(texts).filter((name) => !/shut|hidden|SOURCES/.test(name)), 'folder', 'mixed'];

function rarely<Value>(invalid: fc.Arbitrary<Value>, valid: fc.Arbitrary<Value>): fc.Arbitrary<Value> {
  return fc.oneof({ arbitrary: invalid, weight: 1 }, { arbitrary: valid, weight: 15 });
}

const termArray = rarely(
  fc.constant<string[]>(Array(17).fill('a')),
  fc.array(fc.constantFrom(...TERMS.filter((term) => term !== '' && !term.includes('\0'))), {
    minLength: 1,
    maxLength: 3,
  }),
);

/** The valid values of each field, and some invalid ones. */
const values: Record<string, fc.Arbitrary<unknown>> = {
  term: fc.oneof(fc.constantFrom(...TERMS), fc.string({ unit: 'grapheme', maxLength: 4 })),
  dictionary: rarely(fc.constantFrom('nope', '', 'shut.txt', '.hidden.txt'), fc.constantFrom(...DICTIONARIES)),
  syntax: rarely(fc.constant('Regex'), fc.constantFrom('literal', 'word', 'regex', 'phrase')),
  all_of: termArray,
  any_of: termArray,
  none_of: termArray,
  join_hyphens: fc.boolean(),
  ignore_marks: fc.boolean(),
  files: rarely(
    fc.constant<string[]>(Array(17).fill('a')),
    fc.array(fc.constantFrom<string[]>('*', '*.txt', '!a*', 'folder/**'), { minLength: 1, maxLength: 3 }),
  ),
  width: rarely(fc.constant(-1), fc.integer({ min: 0, max: 9 })),
  width_unit: fc.constantFrom('characters', 'words'),
  fold_case: fc.boolean(),
  by: fc.constantFrom('left', 'right'),
  distance: rarely(fc.constant(6), fc.integer({ min: 1, max: 5 })),
  ignore_case: fc.boolean(),
  n_before: rarely(fc.constant(101), fc.integer({ min: 0, max: 100 })),
  n_after: rarely(fc.constant(1.5), fc.integer({ min: 0, max: 3 })),
  nresults: fc.oneof(fc.integer({ min: -2, max: 5 }), fc.constantFrom(2 ** 53, 1e300, -1e21)),
  offset: rarely(fc.constant(-1), fc.integer({ min: 0, max: 5 })),
  unit: rarely(fc.constant('page'), fc.constantFrom('line', 'quote')),
  seed: rarely(fc.constant(2 ** 53), fc.oneof(fc.integer(), fc.constantFrom(2 ** 53 - 1, -(2 ** 53) + 1))),
  order: fc.constantFrom('file', 'left', 'match', 'right'),
  format: fc.constantFrom('text', 'object', 'kwic'),
  escape: fc.constantFrom('json', 'html'),
};

/** Mostly valid requests. A draw needs a seed to have the same answer twice. */
export const generatedBody = fc
  .record({ ...values, action: fc.constantFrom('search', 'search', 'all', 'count', 'frequencies') })
  .chain((fields) => fc.subarray(fieldsOf(fields.action), { maxLength: 5 }).map((names) => pick(fields, names)))
  .chain((fields) => rarely(fc.constant({ ...fields, nope: 'a' }), fc.constant<Record<string, unknown>>(fields)))
  .map(({ seed, ...fields }) => ({ ...fields, ...(seed !== undefined && { seed, order: 'random' }) }));

/** Other fields are invalid, which one of them already tells. */
function fieldsOf(action: keyof typeof searching): string[] {
  return Object.keys(searching[action].fields).filter((name) => name in values);
}

function pick(fields: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  const { action, term, dictionary } = fields;
  const base = action === 'all' ? { action, dictionary } : { action, dictionary, term };
  return { ...base, ...Object.fromEntries(names.map((name) => [name, fields[name]])) };
}

const accept = fc.constantFrom('*/*', 'application/x-ndjson', 'text/csv', 'text/tab-separated-values');

/** Fails if an answer differs. Returns how many requests succeeded, and how many failed. */
export async function compareWithPost(
  app: RunningApp,
  { seed, questions }: Options,
): Promise<{ succeeded: number; failed: number }> {
  let succeeded = 0;
  let failed = 0;
  for (const [sent, type] of fc.sample(fc.tuple(generatedBody, accept), { seed, numRuns: questions })) {
    const headers = { Accept: type };
    const posted = await answerOf(`${app.url}/api/v1/json`, {
      method: 'POST',
      headers: { ...headers, 'Content-Type': 'application/json' },
      body: JSON.stringify(sent),
    });
    const got = await answerOf(`${app.url}/api/v1/search?${queryOf(sent)}`, { method: 'GET', headers });
    expect(got, JSON.stringify(sent)).to.deep.equal(posted);
    if (got.status === 200) succeeded += 1;
    else failed += 1;
  }
  return { succeeded, failed };
}

/** Some queries omit the default action. Spaces are `+` in some, and `%20` in others. */
function queryOf(sent: Record<string, unknown>): string {
  const fields = Object.entries(sent).filter(([name, value]) => name !== 'action' || value !== 'search');
  const parameters = fields.flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((each): [string, string] => [name, String(each)]),
  );
  if (fields.length % 2 === 0) return new URLSearchParams(parameters).toString();
  return parameters.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
}

async function answerOf(url: string, options: Parameters<typeof request>[1]): Promise<Answered> {
  const { statusCode: status, headers, body } = await request(url, options);
  const compared = ['content-type', 'grepd-entries', 'grepd-truncated'].map((name) => headers[name]);
  return { status, headers: compared, body: await body.text() };
}

/** The fields that the generated requests have, so that a new field isn't forgotten. */
export const generatedFields = new Set(Object.keys(values));
export const searchFields = new Set(Object.values(searching).flatMap(({ fields }) => Object.keys(fields)));
