import { expect } from 'chai';
import Joi from 'joi';
import { field } from '../../../src/config/field-table.js';
import { AppError } from '../../../src/errors.js';
import { type Action, defaultActions } from '../../../src/http/api/actions.js';
import { arrayFields, parseQuery, searchingActions } from '../../../src/http/api/parse-query.js';
import { parseRequest } from '../../../src/http/api/parse-request.js';

const all = defaultActions as unknown as Record<string, Action>;
const parse = (query: string) => parseQuery(searchingActions(defaultActions), query);
const keyOf = (body: object) => parseRequest(defaultActions, body).cacheKey;

function errorOf(query: string, actions = searchingActions(defaultActions)): AppError {
  try {
    parseQuery(actions, query);
  } catch (error) {
    expect(error).to.be.instanceOf(AppError).and.include({ code: 'invalid_request' });
    return error as AppError;
  }
  return expect.fail(`${query} is accepted`);
}
const messageOf = (...query: Parameters<typeof errorOf>) => errorOf(...query).message;

describe('parseQuery', () => {
  const valid: [query: string, body: { action: string; term?: string; [field: string]: unknown }][] = [
    ['term=a', { action: 'search', term: 'a' }],
    ['action=search&term=a', { action: 'search', term: 'a' }],
    ['action=all', { action: 'all' }],
    ['action=all&&nresults=-5&', { action: 'all', nresults: -5 }],
    ['term=a+b%2Bc%20d', { action: 'search', term: 'a b+c d' }],
    ['term=a=b==', { action: 'search', term: 'a=b==' }],
    ['%74erm=%E6%84%9B%F0%9F%98%80', { action: 'search', term: '愛😀' }],
    ['term=5&n_before=2&ignore_case=true', { action: 'search', term: '5', n_before: 2, ignore_case: true }],
    ['term=true&ignore_case=false&offset=3', { action: 'search', term: 'true', offset: 3 }],
    ['term=[1]&order=random&seed=-7', { action: 'search', term: '[1]', order: 'random', seed: -7 }],
    ['term={}&format=object&unit=quote', { action: 'search', term: '{}', format: 'object', unit: 'quote' }],
    ['term=%20a%20&dictionary=x%2Fy.txt', { action: 'search', term: ' a ', dictionary: 'x/y.txt' }],
  ];
  for (const [query, body] of valid) {
    it(`parses ${query} as ${JSON.stringify(body)}`, () => {
      const request = parse(query);
      expect(request.cacheKey).to.be.a('string').and.equal(keyOf(body));
      expect(request).to.deep.include({ action: body.action, term: body.term });
    });
  }

  const fields = `action, ${Object.keys(defaultActions.search.fields).join(', ')}`;
  for (const [query, message] of [
    ['', /^"term" is required: /],
    ['term=', /^"term" must be .*, got ""\.$/],
    ['term=a&term=b', '"term" takes one value, but the query has 2.'],
    ['term=a&nresults=1&nresults=1&nresults=1', '"nresults" takes one value, but the query has 3.'],
    ['action=all&action=all', '"action" takes one value, but the query has 2.'],
    ['action=list', '"action" must be one of "search", "count", "frequencies", "all", got "list".'],
    ['action=constructor', '"action" must be one of "search", "count", "frequencies", "all", got "constructor".'],
    ['action=', '"action" must be one of "search", "count", "frequencies", "all", got "".'],
    ['term=a&n_before=101', '"n_before" must be an integer from 0 to 100, got 101.'],
    ['term=a&n_before=x', '"n_before" must be an integer from 0 to 100, got "x".'],
    ['term=a&n_before=1.5', '"n_before" must be an integer from 0 to 100, got 1.5.'],
    ['term=a&ignore_case=1', '"ignore_case" must be true or false, got "1".'],
    ['term=a&nope=1&nope=2', `"nope" is not a field of action "search". Fields: ${fields}.`],
    ['term=a&__proto__=1', `"__proto__" is not a field of action "search". Fields: ${fields}.`],
    ['term=a&constructor=1', `"constructor" is not a field of action "search". Fields: ${fields}.`],
    ['term=a&term[]=b', `"term[]" is not a field of action "search". Fields: ${fields}.`],
    ['action=all&term=a', /^"term" is not a field of action "all"\. /],
    ['term=%FF', 'The query must be percent-encoded UTF-8, got "%FF".'],
    ['term=%ED%A0%80', 'The query must be percent-encoded UTF-8, got "%ED%A0%80".'],
    ['term=100%', 'The query must be percent-encoded UTF-8, got "100%".'],
    ['%C3=a', 'The query must be percent-encoded UTF-8, got "%C3".'],
    ['term=\xc3\xa9', 'The query must be percent-encoded UTF-8, got "\xc3\xa9".'],
  ] as const) {
    it(`rejects ${JSON.stringify(query)}`, () => {
      if (typeof message === 'string') expect(messageOf(query)).to.equal(message);
      else expect(messageOf(query)).to.match(message);
    });
  }

  it('reports thousands of parameters briefly', () => {
    const query = Array.from({ length: 4_000 }, (_, n) => `f${n}=1`).join('&');
    expect(messageOf(`term=a&${query}`).length).to.be.below(3_000);
  });

  it('keeps the values of parameters out of the reason for the log', () => {
    for (const query of ['term=secret&term=secret', 'term=secret%FF', 'term=%00secret', 'action=secret']) {
      expect(errorOf(query).reason, query).to.be.a('string').and.not.include('secret');
    }
  });

  it('reads an array from repeated parameters, and from a single one', () => {
    const received: object[] = [];
    const list: Action = {
      ...(all.list as Action),
      parse: (input, options) => {
        received.push(input);
        return (all.list as Action).parse(input, options);
      },
    };
    const parseList = (query: string) => parseQuery({ list }, `action=list&${query}`);
    parseList('options=-l&folder=a&options=-R');
    parseList('options=-l');
    expect(received).to.deep.equal([{ options: ['-l', '-R'], folder: 'a' }, { options: ['-l'] }]);
    expect(messageOf('action=list&options=-Z', { list })).to.include('"options" must be an array');
    expect(messageOf(`action=list&${'options=-l&'.repeat(17)}`, { list })).to.include('"options" must be an array');
  });
});

describe('arrayFields', () => {
  it('finds the fields that take an array, among alternatives too', () => {
    const any = { expected: '', description: '' };
    const strings = Joi.array().items(Joi.string());
    const fields = {
      text: field({ schema: Joi.string(), ...any }),
      array: field({ schema: strings, ...any }),
      either: field({ schema: Joi.alternatives(Joi.string(), strings).default([]), ...any }),
      object: field({ schema: Joi.object({ a: strings }), ...any }),
    };
    expect([...arrayFields(fields)]).to.deep.equal(['array', 'either']);
  });
});
