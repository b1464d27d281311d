// What the log tells of a request, and that no term is in it unless that is set.
import { expect } from 'chai';
import { rawRequest } from '../../helpers/raw-http.js';
import { useFixtureApp } from '../../helpers/use-app.js';

const TERM = 'secret';
const BROWSER = { Accept: 'text/html', Referer: `http://a/?term=${TERM}` };

describe('the access log', () => {
  const suite = useFixtureApp();
  const open = useFixtureApp({ logTerms: true });

  /** Makes a request. Returns its line. */
  async function lineOf(of: typeof suite, ask: (of: typeof suite) => Promise<unknown>) {
    of.app.log.length = 0;
    await ask(of);
    for (;;) {
      const line = of.app.log.find(({ msg }) => msg === 'request');
      if (line !== undefined) return line;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  const askedIn = ({ action, dictionary, term }: Record<string, unknown>) => ({ action, dictionary, term });
  const post = async ({ app }: typeof suite, body: unknown) => (await app.post(body)).text();
  const get = async ({ url }: typeof suite, path: string) =>
    (await fetch(url + path, { headers: BROWSER, redirect: 'manual' })).text();

  const asked: [title: string, ask: (of: typeof suite) => Promise<unknown>, expected: object][] = [
    [
      'a search',
      (of) => post(of, { action: 'search', term: TERM, dictionary: 'plain.txt' }),
      { action: 'search', dictionary: 'plain.txt', term: TERM },
    ],
    [
      'a search of the default dictionary',
      (of) => post(of, { action: 'search', term: TERM }),
      { action: 'search', dictionary: undefined, term: TERM },
    ],
    [
      'all of a dictionary',
      (of) => post(of, { action: 'all', dictionary: 'nope' }),
      { action: 'all', dictionary: 'nope', term: undefined },
    ],
    ['a listing', (of) => post(of, { action: 'list' }), { action: 'list', dictionary: undefined, term: undefined }],
    [
      'a search on the page',
      (of) => get(of, `/?term=${TERM}&dictionary=folder`),
      { action: 'search', dictionary: 'folder', term: TERM },
    ],
    [
      'a drawn quote on the page',
      (of) => get(of, '/?order=random&dictionary=folder&seed=1'),
      { action: 'all', dictionary: 'folder', term: undefined },
    ],
    [
      'a random quote',
      (of) => get(of, '/random?dictionary=plain.txt'),
      { action: 'all', dictionary: 'plain.txt', term: undefined },
    ],
    [
      'a text to read',
      (of) => get(of, '/d/folder/a.txt'),
      { action: undefined, dictionary: 'folder/a.txt', term: undefined },
    ],
    ['the start page', (of) => get(of, '/'), { action: undefined, dictionary: undefined, term: undefined }],
    ['the health', (of) => get(of, '/healthz'), { action: undefined, dictionary: undefined, term: undefined }],
  ];
  for (const [title, ask, expected] of asked) {
    it(`has the action and the dictionary of ${title}`, async () => {
      expect(askedIn(await lineOf(suite, ask))).to.deep.equal({ ...expected, term: undefined });
    });

    it(`has the term, too, if LOG_TERMS says so: ${title}`, async () => {
      expect(askedIn(await lineOf(open, ask))).to.deep.equal(expected);
    });
  }

  it('shortens a long dictionary and a long term', async () => {
    const long = 'x'.repeat(900);
    const search = { action: 'search', term: `${long}"`, dictionary: long.repeat(10) };
    const { dictionary, term } = await lineOf(open, (of) => post(of, search));
    expect([dictionary, term]).to.deep.equal(['x'.repeat(500), 'x'.repeat(500)]);
  });

  const quoting: [title: string, ask: (of: typeof suite) => Promise<unknown>, reason: RegExp][] = [
    [
      'a term that is too long',
      (of) => post(of, { action: 'search', term: TERM.repeat(1_000) }),
      /^"term" must be a string/,
    ],
    ['a term of another type', (of) => post(of, { action: 'search', term: [TERM] }), /^"term" must be a string/],
    ['another field', (of) => post(of, { action: 'search', term: 'a', order: TERM }), /^"order" must be "file"/],
    ['an action', (of) => post(of, { action: TERM }), /^"action" must be one of "search"/],
    ['text that is not JSON', (of) => post(of, `${TERM} {`), /^The body must be JSON/],
    ['JSON that breaks off', (of) => post(of, `{"action":"search","term":"${TERM}`), /^The body must be JSON/],
    ['JSON that is no object', (of) => post(of, JSON.stringify(TERM)), /^The body must be a JSON object/],
    ['a page', (of) => get(of, `/?term=${TERM}&term=${TERM}`), /^"term" must be a string/],
    ['a page with another field', (of) => get(of, `/?term=${TERM}&n_after=${TERM}`), /^"n_after" must be an integer/],
    ['a regular expression', (of) => post(of, { action: 'search', term: `${TERM}(`, syntax: 'regex' }), /grep says/],
    ['the query of no route', (of) => get(of, `/nope?term=${TERM}`), /^There is no route \/nope\.$/],
    [
      'a malformed target',
      ({ app }) => rawRequest(app.port, `GET ftp://a/?term=${TERM} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`),
      /^The request target must be/,
    ],
  ];
  for (const [title, ask, reason] of quoting) {
    it(`never quotes a term in the reason of a failure: ${title}`, async () => {
      expect((await lineOf(suite, ask)).reason).to.match(reason);
      expect(JSON.stringify(suite.app.log)).to.not.include(TERM);
    });
  }

  it('has the message as the caller has it if LOG_TERMS says so', async () => {
    const line = await lineOf(open, (of) => post(of, { action: 'search', term: [TERM] }));
    expect(line.reason).to.include(`got ["${TERM}"]`);
  });
});
