import { expect } from 'chai';
import { request } from 'undici';
import { type RunningApp, startApp } from '../../helpers/start-app.js';
import { stubEngine } from '../../helpers/stub-engine.js';

describe('cors', () => {
  let app: RunningApp;
  afterEach(() => app.close());

  const start = async (corsOrigins?: string[]) => {
    const engine = stubEngine(async function* (query) {
      yield ['term' in query && query.term === 'large' ? 'x'.repeat(10_000) : 'love'];
      return { nrOfEntries: 1 };
    });
    app = await startApp({ engine, ...(corsOrigins !== undefined && { corsOrigins }) });
  };
  const send = async (origin: string, body: object = { action: 'search', term: 'love' }, more: object = {}) => {
    const headers = { 'Content-Type': 'application/json', Origin: origin, ...more };
    const response = await request(`${app.url}/api/v1/json`, { method: 'POST', headers, body: JSON.stringify(body) });
    await response.body.dump();
    return response;
  };
  const preflight = async (origin: string) => {
    const response = await request(`${app.url}/api/v1/json`, {
      method: 'OPTIONS',
      headers: {
        Origin: origin,
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'content-type,authorization',
      },
    });
    await response.body.dump();
    return response;
  };

  it('is disabled by default', async () => {
    await start();
    expect((await send('https://example.org')).headers).to.not.have.property('access-control-allow-origin');
    expect((await preflight('https://example.org')).headers).to.not.have.property('access-control-allow-origin');
  });

  it('allows the configured origins, without credentials', async () => {
    await start(['https://example.org', 'http://localhost:8080']);
    for (const origin of ['https://example.org', 'http://localhost:8080']) {
      const before = await preflight(origin);
      expect(before.statusCode).to.equal(204);
      expect(before.headers['access-control-allow-origin']).to.equal(origin);
      expect(before.headers['access-control-allow-methods']).to.include('POST');
      expect(before.headers['access-control-allow-headers']).to.include('Authorization').and.include('Content-Type');
      expect(before.headers).to.not.have.property('access-control-allow-credentials');
      // A complete, a compressed and a failed response.
      for (const [body, more] of [
        [{ action: 'search', term: 'love' }, {}],
        [{ action: 'search', term: 'large' }, { 'Accept-Encoding': 'gzip' }],
        [{ action: 'find' }, {}],
      ]) {
        const { headers } = await send(origin, body, more);
        expect(headers['access-control-allow-origin']).to.equal(origin);
        expect(headers['access-control-expose-headers']).to.include('X-Request-Id').and.include('RateLimit-Remaining');
        expect(headers.vary).to.include('Origin');
      }
      expect((await send(origin)).headers.vary).to.include('Accept');
    }
    for (const origin of ['https://example.com', 'https://example.org.evil.example', 'null']) {
      expect((await preflight(origin)).headers, origin).to.not.have.property('access-control-allow-origin');
      const { headers } = await send(origin);
      expect(headers, origin).to.not.have.property('access-control-allow-origin');
      // Caches must not reuse a response for another origin.
      expect(headers.vary).to.include('Origin');
    }
  });

  it('allows every origin with *', async () => {
    await start(['*']);
    expect((await send('https://example.com')).headers['access-control-allow-origin']).to.equal('*');
  });
});
