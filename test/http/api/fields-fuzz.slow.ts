// Fields with odd types and values: the service accepts what the OpenAPI document allows, and
// answers anything else with 400 and the name of the field.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { defaultActions } from '../../../src/http/api/actions.js';
import { API_ROUTE } from '../../../src/http/routes.js';
import { ApiDocument } from '../../helpers/api-document.js';
import { useFixtureApp } from '../../helpers/use-app.js';

const nested = (depth: number) => JSON.parse('['.repeat(depth) + ']'.repeat(depth)) as unknown;

/** Values that are valid for some field, or nearly valid. */
const oddValues: unknown[] = [
  null,
  true,
  false,
  0,
  -0,
  -1,
  1,
  1.5,
  100,
  101,
  1e21,
  1e308,
  2 ** 53,
  -(2 ** 53),
  2 ** 53 - 1,
  '',
  ' ',
  '0',
  '5',
  'true',
  'null',
  'love',
  '\0',
  'a\0b',
  'a\nb',
  'a\r',
  '\u2028',
  '\ud800',
  'a\udc00',
  '\ufeff',
  '\u202e',
  '[',
  '(',
  '*',
  '\\',
  '-e',
  '--help',
  '__proto__',
  'constructor',
  'x'.repeat(1_000),
  'x'.repeat(1_001),
  '😀'.repeat(1_000),
  'x'.repeat(60_000),
  'literal',
  'phrase',
  'kwic',
  'left',
  'match',
  ['love'],
  [{ term: 'love', syntax: 'word' }],
  'regex',
  'Regex',
  'quote',
  'object',
  'html',
  'random',
  'plain.txt',
  'folder',
  '../plain.txt',
  [],
  ['-l'],
  ['-l', '-Z'],
  ['-l', null],
  Array.from({ length: 17 }, () => '-l'),
  Array.from({ length: 5_000 }, () => '-l'),
  [[]],
  {},
  { a: 1 },
  { length: 1 },
  { toString: 'a' },
  { valueOf: null, toString: null },
  nested(1_000),
];

/** Names that aren't fields, some of them properties of every object. */
const oddNames = [
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'valueOf',
  '__defineGetter__',
  'Term',
  'term ',
  'TERM',
  'te\u0300rm',
  '',
  ' ',
  '\0',
  '\ud800',
  '"',
  '$ref',
  'length',
  '0',
  'x'.repeat(5_000),
];

describe('the fields of a request', function () {
  this.timeout(60_000);
  const suite = useFixtureApp();
  let document: ApiDocument;
  before(async () => {
    document = await ApiDocument.fetch(suite.url);
    // `*` would read it.
    await rm(join(suite.dictionaries, 'damaged.txt.gz'));
  });
  after(() => expect(suite.app.log.filter(({ msg }) => msg === 'bug')).to.deep.equal([]));

  /** Posts a body. Returns the status and, for an error, the message. */
  async function post(text: string): Promise<{ status: number; message: string }> {
    const response = await suite.app.post(text);
    const { status, headers } = response;
    const answer = await response.text();
    document.check('POST', API_ROUTE, { status, headers, text: answer });
    return { status, message: status === 200 ? '' : (JSON.parse(answer) as { message: string }).message };
  }

  const bases: Record<string, object> = {
    search: { action: 'search', term: 'love', dictionary: 'plain.txt' },
    count: { action: 'count', term: 'love', dictionary: 'plain.txt' },
    frequencies: { action: 'frequencies', term: 'love', dictionary: 'plain.txt' },
    all: { action: 'all', dictionary: 'plain.txt' },
    list: { action: 'list' },
  };

  it('are tested for every action', () => {
    expect(Object.keys(bases)).to.have.members(Object.keys(defaultActions));
  });

  async function expectDocumentedAnswer(body: Record<string, unknown>, name: string): Promise<void> {
    const title = `${name}: ${JSON.stringify(body).slice(0, 200)}`;
    const { status, message } = await post(JSON.stringify(body));
    // As JSON represents it: -0 becomes 0, and so on.
    if (document.allows(API_ROUTE, JSON.parse(JSON.stringify(body)))) {
      // grep may reject a regular expression, a name may be unknown, and fields exclude each other.
      expect(status, title).to.be.oneOf([200, 400, 404]);
      if (status !== 200)
        expect(message, title).to.match(
          /"term"|named|is a file, not a folder|nresults|letter|requires|can't be combined/,
        );
    } else {
      expect(status, title).to.equal(400);
      expect(message, title).to.include(JSON.stringify(name).slice(0, 60));
    }
  }

  for (const [action, base] of Object.entries(bases)) {
    const { fields } = defaultActions[action as keyof typeof defaultActions];
    for (const name of ['action', ...Object.keys(fields)]) {
      it(`accept any ${name} of ${action}, or name it in an error`, async () => {
        await Promise.all(oddValues.map((value) => expectDocumentedAnswer({ ...base, [name]: value }, name)));
      });
    }

    it(`name an unknown field of ${action} in an error`, async () => {
      await Promise.all(oddNames.map((name) => expectDocumentedAnswer({ ...base, [name]: 1 }, name)));
    });
  }

  for (const [title, text, expected] of [
    ['__proto__', '{"action":"all","__proto__":{"term":"a"}}', '"__proto__"'],
    ['__proto__ within a value', '{"action":"all","dictionary":{"__proto__":{"a":1}}}', '"dictionary"'],
    ['__proto__ twice', '{"action":"all","__proto__":1,"__proto__":2}', '"__proto__"'],
    ['__proto__ that is escaped', '{"action":"all","\\u005f_proto__":{}}', '"__proto__"'],
    ['an action that every object has', '{"action":"constructor"}', '"action"'],
    ['an action that is __proto__', '{"action":"__proto__"}', '"action"'],
    ['a wrong value before a right one of a name', '{"action":"nope","action":"search"}', '"term"'],
    ['a right value before a wrong one of a name', '{"action":"search","term":"a","term":5}', '"term"'],
    ['a number that is infinite', '{"action":"all","nresults":1e999}', '"nresults"'],
    ['a number that is infinite below', '{"action":"all","offset":-1e999}', '"offset"'],
    ['many wrong names', `{"action":"all",${Array.from({ length: 5_000 }, (_, n) => `"f${n}":1`)}}`, '"f0"'],
    ['deep objects', `{"action":"search","term":${'{"a":'.repeat(9_000)}1${'}'.repeat(9_000)}}`, '"term"'],
    ['deep arrays', `{"action":"list","options":${'['.repeat(30_000)}${']'.repeat(30_000)}}`, '"options"'],
  ] as const) {
    it(`get 400 with ${title}`, async () => {
      const { status, message } = await post(text);
      expect(status).to.equal(400);
      expect(message).to.include(expected);
      expect(message.length).to.be.below(2_200);
    });
  }

  it('are accepted, or named in an error, in any combination', async () => {
    const names = [...new Set(Object.values(defaultActions).flatMap(({ fields }) => Object.keys(fields)))];
    const value = fc.oneof(fc.constantFrom(...oddValues), fc.jsonValue({ maxDepth: 2 }));
    const body = fc.tuple(
      fc.constantFrom(...Object.values(bases)),
      fc.dictionary(fc.constantFrom(...names, ...oddNames.slice(0, 9)), value, { maxKeys: 4, noNullPrototype: true }),
    );
    await fc.assert(
      fc.asyncProperty(body, async ([base, extra]) => {
        const text = JSON.stringify({ ...base, ...extra });
        if (Buffer.byteLength(text) > 65_536) return;
        const { status, message } = await post(text);
        expect(status).to.be.oneOf([200, 400, 404]);
        if (!document.allows(API_ROUTE, JSON.parse(text))) {
          expect(status, text.slice(0, 300)).to.equal(400);
          expect(
            Object.keys(extra).some((name) => message.includes(JSON.stringify(name))),
            message,
          ).to.equal(true);
        }
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});
