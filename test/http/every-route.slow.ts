// Every route of the table with every method and conditional header, including future routes.
import { expect } from 'chai';
import { API_ROUTE, type RouteName, routes } from '../../src/http/routes.js';
import { ApiDocument } from '../helpers/api-document.js';
import { rawText } from '../helpers/raw-http.js';
import { useFixtureApp } from '../helpers/use-app.js';

interface Answer {
  status: number;
  headers: Headers;
  text: string;
}

/** Further paths of a route, some of which fail. */
const morePaths: Partial<Record<RouteName, string[]>> = {
  page: ['/?term=love', '/?term=love&dictionary=nope', '/?term=a&n_before=x', '/?order=random&seed=5&nresults=2'],
  random: ['/random?dictionary=folder', '/random?dictionary=nope'],
  texts: [
    '/d?filter=a',
    '/d/plain.txt',
    '/d/folder',
    '/d/folder/a.txt?line=1',
    '/d/folder/a.txt?line=1&term=love',
    '/d/folder/folder/a.txt',
    '/d/nope',
    '/d/shut.txt',
  ],
  dictionaries: ['/api/v1/dictionaries?filter=a', '/api/v1/dictionaries?offset=x'],
  search: [
    '/api/v1/search?term=two&dictionary=plain.txt',
    '/api/v1/search?action=all&dictionary=folder&format=object',
    '/api/v1/search?term=two&dictionary=nope',
  ],
  wait: ['/wait?seconds=x'],
};

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const OTHER_METHODS = ['TRACE', 'PROPFIND', 'MKCOL', 'LOCK', 'SEARCH', 'PURGE', 'SUBSCRIBE', 'M-SEARCH', 'ACL', 'LINK'];

const acceptable: Record<string, string>[] = [
  {},
  { Accept: 'text/html', 'Accept-Encoding': 'br' },
  { 'Accept-Encoding': 'gzip' },
  { Accept: 'text/csv' },
];

/** Headers that differ in each response. */
const CHANGING = ['date', 'x-request-id'];

describe('each route', function () {
  this.timeout(30_000);
  const suite = useFixtureApp({
    waitRoute: true,
    total: { get: async () => '5', close: async () => {} },
    metrics: async () => ({ text: '# HELP a a\n', samples: [] }),
  });
  let document: ApiDocument;
  before(async () => {
    document = await ApiDocument.fetch(suite.url);
  });

  /** Uses a new connection: everything after the headers is the body, whatever they say. */
  async function send(method: string, path: string, headers: Record<string, string> = {}): Promise<Answer> {
    const lines = Object.entries({ Host: 'a', Connection: 'close', ...headers }).map(([k, v]) => `${k}: ${v}\r\n`);
    const answer = await rawText(suite.app.port, `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
    const [, ...fields] = answer.headers.split('\r\n');
    const pairs = fields.map((field) => field.split(/: ?(.*)/s, 2) as [string, string]);
    const answered = { status: answer.status, headers: new Headers(pairs), text: answer.text };
    const text = answered.headers.has('content-encoding') ? '' : Buffer.from(answer.text, 'latin1').toString();
    document.check(method, path, { ...answered, text });
    return answered;
  }

  function headersOf({ headers }: Answer, ignored: string[] = []): [string, string][] {
    return [...headers].filter(([name]) => ![...CHANGING, ...ignored].includes(name));
  }

  const addresses = (Object.keys(routes) as RouteName[]).flatMap((name) => {
    // The default is ten seconds.
    const own = name === 'wait' ? '/wait?seconds=1' : routes[name].path;
    return [own, ...(morePaths[name] ?? [])];
  });

  const isSlow = (address: string) => address.startsWith('/wait?seconds=1');

  for (const address of addresses) {
    // The duration of a search, and a random quote, differ each time.
    const differs = /term=love|random/.test(address) ? ['content-length', 'location'] : [];

    it(`answers HEAD ${address} as GET, without the body`, async () => {
      for (const headers of isSlow(address) ? acceptable.slice(0, 1) : acceptable) {
        const [get, head] = await Promise.all([send('GET', address, headers), send('HEAD', address, headers)]);
        expect(head.text).to.equal('');
        expect(head.status).to.equal(get.status);
        expect(headersOf(head, differs)).to.deep.equal(headersOf(get, differs));
        expect(Number(get.headers.get('content-length'))).to.equal(get.text.length);
        if (get.status === 200) expect(get.text.length).to.be.above(0);
      }
    });

    it(`answers OPTIONS ${address} with the allowed methods, and others with 405 or 501`, async () => {
      const options = await send('OPTIONS', address);
      expect([options.status, options.text]).to.deep.equal([200, '']);
      const allowed = options.headers.get('allow') ?? '';
      const check = async (method: string) => {
        const { status, headers, text } = await send(method, address);
        expect(status === 405, `${method} ${status}`).to.equal(!allowed.split(', ').includes(method));
        if (status !== 405) return;
        expect(headers.get('allow')).to.equal(allowed);
        expect(JSON.parse(text)).to.have.property('Code', 405);
      };
      const checkOther = async (method: string) => {
        const { status, text } = await send(method, address);
        expect(status, method).to.equal(501);
        expect(JSON.parse(text)).to.have.property('Code', 501);
      };
      const methods = METHODS.filter((method) => method !== 'OPTIONS');
      await Promise.all([...methods.map(check), ...OTHER_METHODS.map(checkOther)]);
    });

    it(`answers GET and HEAD ${address} with 304 if it has an ETag that matches, and only then`, async () => {
      const first = await send('GET', address);
      const etag = first.headers.get('etag');
      const date = new Date(Date.now() + 60_000).toUTCString();
      const opaque = etag?.replace('W/', '');
      const matching: Record<string, string>[] =
        etag === null
          ? []
          : [
              { 'If-None-Match': etag },
              { 'If-None-Match': `${opaque}` },
              { 'If-None-Match': '*' },
              { 'If-None-Match': `"a", W/"b",${etag} , "c"` },
              // RFC 9110, section 13.1.3: the date is ignored.
              { 'If-None-Match': etag, 'If-Modified-Since': 'Thu, 01 Jan 1970 00:00:00 GMT' },
              { 'If-None-Match': etag, Range: 'bytes=0-1' },
            ];
      const others: Record<string, string>[] = [
        { 'If-None-Match': '"another"' },
        { 'If-None-Match': 'W/"another"' },
        { 'If-None-Match': '' },
        { 'If-None-Match': ',,, "' },
        { 'If-None-Match': '\xff\t"' },
        { 'If-None-Match': `"${'a'.repeat(10_000)}"` },
        { 'If-None-Match': `${opaque}`.slice(1) },
        { 'If-None-Match': `w/${opaque}` },
        { 'If-None-Match': '"another"', 'If-Modified-Since': date },
        { 'If-Modified-Since': date },
        { 'If-Modified-Since': 'yesterday' },
        { 'If-Unmodified-Since': date },
        { Range: 'bytes=0-1' },
        { Range: 'bytes=-1,5-', 'If-Range': etag ?? '"a"' },
        { Range: 'bytes=999999999-' },
        ...(etag === null ? [{ 'If-None-Match': '*' }] : []),
      ];
      const checkMatching = async (headers: Record<string, string>) => {
        for (const method of ['GET', 'HEAD']) {
          const { status, text, headers: received } = await send(method, address, headers);
          const title = JSON.stringify(headers);
          expect([status, text], title).to.deep.equal([304, '']);
          for (const name of ['etag', 'cache-control', 'vary', 'content-security-policy']) {
            expect(received.get(name), `${name} ${title}`).to.equal(first.headers.get(name));
          }
          for (const name of ['content-type', 'content-length', 'content-encoding', 'transfer-encoding']) {
            expect(received.get(name), `${name} ${title}`).to.equal(null);
          }
        }
      };
      const checkOther = async (headers: Record<string, string>, at: number) => {
        const other = await send(at % 2 === 0 ? 'GET' : 'HEAD', address, headers);
        expect(other.status, JSON.stringify(headers)).to.equal(first.status);
        expect(headersOf(other, differs), JSON.stringify(headers)).to.deep.equal(headersOf(first, differs));
      };
      await Promise.all([...matching.map(checkMatching), ...(isSlow(address) ? [] : others.map(checkOther))]);
    });
  }

  it('ignores conditional headers on a POST', async () => {
    const body = JSON.stringify({ action: 'search', term: 'love', dictionary: 'plain.txt' });
    for (const name of ['If-None-Match', 'If-Match', 'If-Modified-Since', 'Range']) {
      const headers = { 'Content-Type': 'application/json', [name]: '*' };
      const response = await fetch(suite.url + API_ROUTE, { method: 'POST', headers, body });
      expect(response.status).to.equal(200);
      document.check('POST', API_ROUTE, { status: 200, headers: response.headers, text: await response.text() });
    }
  });

  it('supports POST on the API only', async () => {
    for (const method of METHODS) {
      const { status, headers, text } = await send(method, API_ROUTE);
      const expected = { POST: 415, OPTIONS: 200 }[method] ?? 405;
      expect(status, method).to.equal(expected);
      if (status !== 415) expect(headers.get('allow')).to.equal('POST');
      if (method === 'HEAD') expect(text).to.equal('');
    }
  });
});
