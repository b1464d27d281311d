import { expect } from 'chai';
import { createApiKey, parseApiKeys } from '../../src/auth/api-keys.js';
import {
  isExpired,
  KEY_ACTIONS,
  type KeyLimits,
  parseKeyLimits,
  splitWords,
  toWord,
} from '../../src/auth/key-limits.js';
import { defaultActions } from '../../src/http/api/actions.js';

const parse = (text: string) => parseKeyLimits(splitWords(text));

describe('parseKeyLimits', () => {
  const valid: Record<string, KeyLimits> = {
    '': {},
    'dictionary=public-*': { dictionaries: ['public-*'] },
    'dictionary=b,a dictionary=a,c': { dictionaries: ['a', 'b', 'c'] },
    'dictionary=my\\ texts,a\\,b,c\\\\,d': { dictionaries: ['a\\,b', 'c\\\\', 'd', 'my\\ texts'] },
    'dictionary=\\!a,[a-c]*': { dictionaries: ['[a-c]*', '\\!a'] },
    'dictionary=a,*': {},
    'action=search,count': { actions: ['count', 'search'] },
    'rate=100/m': { rate: { maxRequests: 100, windowMs: 60_000 } },
    'expires=2028-02-29': { expires: '2028-02-29' },
    'action=all  expires=2027-01-31\tdictionary=a rate=1/s': {
      actions: ['all'],
      dictionaries: ['a'],
      expires: '2027-01-31',
      rate: { maxRequests: 1, windowMs: 1_000 },
    },
  };
  for (const [text, limits] of Object.entries(valid)) {
    it(`parses ${JSON.stringify(text)}`, () => {
      expect(parse(text)).to.deep.equal(limits);
    });
  }

  const invalid: Record<string, string> = {
    'dictionary=': '"dictionary" must be a name in the list of dictionaries, or a glob',
    'dictionary=a,,b': 'without "!" at the start, got ""',
    'dictionary=folder/a.txt': 'got "folder/a.txt"',
    'dictionary=!a': 'got "!a"',
    'action=serch':
      'has an invalid limit: "action" must be one of search, count, frequencies, all, list, upload, got "serch"',
    'rate=100/60':
      '"rate" must be a number of requests per second, minute or hour, like 100/s, 1000/m or 5000/h, got "100/60"',
    'rate=1/s rate=2/s': 'has the limit "rate" more than once',
    'expires=2027-02-30': '"expires" must be a date like 2027-01-31, got "2027-02-30"',
    'expires=tomorrow': 'got "tomorrow"',
    'expires=2027-01-01 expires=2027-01-01': 'has the limit "expires" more than once',
    'dictionaries=a': 'has the unknown limit "dictionaries". Limits: dictionary, action, rate, expires',
  };
  for (const [text, message] of Object.entries(invalid)) {
    it(`rejects ${JSON.stringify(text)}, and says what was expected and received`, () => {
      expect(() => parse(text)).to.throw(message);
    });
  }

  it('rejects a line break, which would end the line', () => {
    for (const value of ['a\nb', 'a\\\nb', 'a\r', 'a\u2028b'])
      expect(() => parseKeyLimits([toWord('dictionary', value)]), value).to.throw('without line breaks');
  });

  it('does not quote a word that may be a key or a hash', () => {
    const { key, line } = createApiKey('a');
    const [, hash = ''] = line.split(' ');
    for (const word of [key, hash, `${hash}=`, `${key}=${hash}`]) {
      const fail = () => parseApiKeys(`# keys\n${line} ${word}`);
      expect(fail).to.throw(/^line 2 has a word that isn't a limit\. Limits look like dictionary=public-\*$/);
    }
  });

  it('knows the actions of the API', () => {
    expect([...KEY_ACTIONS]).to.have.members([...Object.keys(defaultActions), 'upload']);
  });
});

describe('toWord', () => {
  it('makes a value a single word, which has the same meaning', () => {
    for (const [value, glob] of [
      ['my texts', 'my\\ texts'],
      ['my\\ texts', 'my\\ texts'],
      ['my\\\\ texts', 'my\\\\\\ texts'],
      ['public-*', 'public-*'],
      ['a\\', 'a\\\\'],
    ] as const) {
      const next = { rate: { maxRequests: 1, windowMs: 1_000 } };
      expect(parse(`${toWord('dictionary', value)} rate=1/s`)).to.deep.equal({ dictionaries: [glob], ...next });
    }
  });
});

describe('isExpired', () => {
  it('accepts a key through its last day, in UTC', () => {
    const limits = { expires: '2027-01-31' };
    expect(isExpired(limits, Date.parse('2027-01-31T23:59:59.999Z'))).to.equal(false);
    expect(isExpired(limits, Date.parse('2027-02-01T00:00:00Z'))).to.equal(true);
    expect(isExpired({}, Number.MAX_SAFE_INTEGER)).to.equal(false);
  });
});
