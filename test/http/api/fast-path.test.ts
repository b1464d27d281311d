import type { IncomingMessage } from 'node:http';
import { PassThrough, Readable } from 'node:stream';
import { expect } from 'chai';
import { readKnownLength } from '../../../src/http/api/fast-path.js';
import { useFixtureApp } from '../../helpers/use-app.js';

const API = '/api/v1/json';

describe('the fast path', () => {
  const observed: string[] = [];
  const suite = useFixtureApp({ observe: ({ route }) => observed.push(route) });

  const post = async (path: string, body: string | Readable) => {
    const init = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body, duplex: 'half' };
    const response = await fetch(suite.url + path, init as unknown as RequestInit);
    const { headers } = response;
    const names = ['content-type', 'content-length', 'vary', 'x-content-type-options'];
    return { status: response.status, headers: names.map((name) => headers.get(name)), text: await response.text() };
  };

  it('answers like the router, which a query in the URL selects', async () => {
    for (const body of [{ action: 'search', term: 'love' }, { action: 'find' }]) {
      const fast = await post(API, JSON.stringify(body));
      const routed = await post(`${API}?`, JSON.stringify(body));
      expect(fast.text).to.equal(routed.text);
      expect(fast.status).to.equal(routed.status);
      if (fast.status === 200) expect(fast.headers).to.deep.equal(routed.headers);
    }
    while (observed.length < 4) await new Promise((resolve) => setImmediate(resolve));
    expect(new Set(observed)).to.deep.equal(new Set([API]));
  });

  it('reads a body in chunks, even if they split a character', async () => {
    const bytes = Buffer.from('{"action":"search","term":"愛","dictionary":"unicode.txt"}');
    const split = bytes.indexOf('愛') + 1;
    const chunks = [bytes.subarray(0, split), bytes.subarray(split)];
    const { status, text } = await post(API, Readable.from(chunks));
    expect([status, JSON.parse(text)['nr of entries']]).to.deep.equal([200, 1]);
  });
});

describe('readKnownLength', () => {
  const open = () => new PassThrough() as unknown as IncomingMessage & PassThrough;

  it('returns a body as soon as all of it has arrived', async () => {
    const request = open();
    const body = readKnownLength(request, 4);
    request.write('ab');
    request.write('cd');
    expect(String(await body)).to.equal('abcd');
  });

  it('rejects a body that breaks off', async () => {
    const request = open();
    const body = readKnownLength(request, 4).catch((error) => error);
    request.write('ab');
    request.destroy();
    expect(await body).to.include({ code: 'invalid_request', message: 'The body is incomplete.' });
  });
});
