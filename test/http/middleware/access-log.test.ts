// What the log contains about a request: no search term, unless LOG_TERMS is set.
import { expect } from 'chai';
import { rawRequest } from '../../helpers/raw-http.js';
import { useFixtureApp } from '../../helpers/use-app.js';

type Suite = ReturnType<typeof useFixtureApp>;

const TERM = 'secret';
const BROWSER = { Accept: 'text/html', Referer: `http://a/?term=${TERM}` };

describe('accessLog', () => {
  const suite = useFixtureApp();
  const suiteWithTerms = useFixtureApp({ logTerms: true });

  /** Makes a request. Returns its log line. */
  async function logLine(suite: Suite, send: (suite: Suite) => Promise<unknown>) {
    suite.app.log.length = 0;
    await send(suite);
    for (;;) {
      const line = suite.app.log.find(({ msg }) => msg === 'request');
      if (line !== undefined) return line;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  const subjectOf = ({ action, dictionary, term }: Record<string, unknown>) => ({ action, dictionary, term });
  const post = async ({ app }: Suite, body: unknown) => (await app.post(body)).text();
  const get = async ({ url }: Suite, path: string) =>
    (await fetch(url + path, { headers: BROWSER, redirect: 'manual' })).text();

  const requests: [title: string, send: (suite: Suite) => Promise<unknown>, expected: object][] = [
    [
      'a search',
      (suite) => post(suite, { action: 'search', term: TERM, dictionary: 'plain.txt' }),
      { action: 'search', dictionary: 'plain.txt', term: TERM },
    ],
    [
      'a search of the default dictionary',
      (suite) => post(suite, { action: 'search', term: TERM }),
      { action: 'search', dictionary: undefined, term: TERM },
    ],
    [
      'a request for all entries',
      (suite) => post(suite, { action: 'all', dictionary: 'nope' }),
      { action: 'all', dictionary: 'nope', term: undefined },
    ],
    [
      'a listing',
      (suite) => post(suite, { action: 'list' }),
      { action: 'list', dictionary: undefined, term: undefined },
    ],
    [
      'a search on the page',
      (suite) => get(suite, `/?term=${TERM}&dictionary=folder`),
      { action: 'search', dictionary: 'folder', term: TERM },
    ],
    [
      'a drawn quote on the page',
      (suite) => get(suite, '/?order=random&dictionary=folder&seed=1'),
      { action: 'all', dictionary: 'folder', term: undefined },
    ],
    [
      'a random quote',
      (suite) => get(suite, '/random?dictionary=plain.txt'),
      { action: 'all', dictionary: 'plain.txt', term: undefined },
    ],
    [
      'the page of a text',
      (suite) => get(suite, '/d/folder/a.txt'),
      { action: undefined, dictionary: 'folder/a.txt', term: undefined },
    ],
    ['the start page', (suite) => get(suite, '/'), { action: undefined, dictionary: undefined, term: undefined }],
    [
      'the health check',
      (suite) => get(suite, '/healthz'),
      { action: undefined, dictionary: undefined, term: undefined },
    ],
  ];
  for (const [title, send, expected] of requests) {
    it(`logs the action and the dictionary of ${title}`, async () => {
      expect(subjectOf(await logLine(suite, send))).to.deep.equal({ ...expected, term: undefined });
    });

    it(`logs the term, too, with LOG_TERMS: ${title}`, async () => {
      expect(subjectOf(await logLine(suiteWithTerms, send))).to.deep.equal(expected);
    });
  }

  it('truncates a long dictionary and a long term', async () => {
    const long = 'x'.repeat(900);
    const search = { action: 'search', term: `${long}"`, dictionary: long.repeat(10) };
    const { dictionary, term } = await logLine(suiteWithTerms, (suite) => post(suite, search));
    expect([dictionary, term]).to.deep.equal(['x'.repeat(500), 'x'.repeat(500)]);
  });

  const quotedTerms: [title: string, send: (suite: Suite) => Promise<unknown>, reason: RegExp][] = [
    [
      'a term that is too long',
      (suite) => post(suite, { action: 'search', term: TERM.repeat(1_000) }),
      /^"term" must be a string/,
    ],
    ['a term of another type', (suite) => post(suite, { action: 'search', term: [TERM] }), /^"term" must be a string/],
    [
      'another field',
      (suite) => post(suite, { action: 'search', term: 'a', order: TERM }),
      /^"order" must be one of "file"/,
    ],
    ['an action', (suite) => post(suite, { action: TERM }), /^"action" must be one of "search"/],
    ['text that is not JSON', (suite) => post(suite, `${TERM} {`), /^The body must be JSON/],
    ['truncated JSON', (suite) => post(suite, `{"action":"search","term":"${TERM}`), /^The body must be JSON/],
    ['JSON that is not an object', (suite) => post(suite, JSON.stringify(TERM)), /^The body must be a JSON object/],
    ['a page', (suite) => get(suite, `/?term=${TERM}&term=${TERM}`), /^"term" must be a string/],
    [
      'a page with another field',
      (suite) => get(suite, `/?term=${TERM}&n_after=${TERM}`),
      /^"n_after" must be an integer/,
    ],
    [
      'a regular expression',
      (suite) => post(suite, { action: 'search', term: `${TERM}(`, syntax: 'regex' }),
      /grep reports/,
    ],
    ['the query of an unknown route', (suite) => get(suite, `/nope?term=${TERM}`), /^There is no route \/nope\.$/],
    [
      'a malformed target',
      ({ app }) => rawRequest(app.port, `GET ftp://a/?term=${TERM} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`),
      /^The request target must be/,
    ],
  ];
  for (const [title, send, reason] of quotedTerms) {
    it(`never quotes a term in the reason of an error: ${title}`, async () => {
      expect((await logLine(suite, send)).reason).to.match(reason);
      expect(JSON.stringify(suite.app.log)).to.not.include(TERM);
    });
  }

  it('logs the whole error message with LOG_TERMS', async () => {
    const line = await logLine(suiteWithTerms, (suite) => post(suite, { action: 'search', term: [TERM] }));
    expect(line.reason).to.include(`got ["${TERM}"]`);
  });
});
