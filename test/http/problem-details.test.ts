// Errors as problem details (RFC 9457).
import { expect } from 'chai';
import { AppError, type ErrorCode, type ErrorKind, errorKinds } from '../../src/errors.js';
import { type RunningApp, startApp } from '../helpers/start-app.js';
import { stubEngine } from '../helpers/stub-engine.js';

const PROBLEM = 'application/problem+json';

describe('problem details', () => {
  let app: RunningApp;
  let failure: unknown;
  before(async () => {
    app = await startApp({
      engine: stubEngine(() => {
        throw failure;
      }),
    });
  });
  after(() => app.close());

  const ask = (accept: string) => app.post({ action: 'all' }, { Accept: accept, 'X-Request-Id': 'the-id' });

  for (const [code, row] of Object.entries(errorKinds)) {
    const { status, when, retryAfter }: ErrorKind = row;
    it(`have the code ${code}, and the headers of the error`, async () => {
      failure = new AppError(code as ErrorCode, 'For this reason.');
      const response = await ask(PROBLEM);
      expect(response.status).to.equal(status);
      expect(response.headers.get('content-type')).to.equal(PROBLEM);
      expect(response.headers.get('x-content-type-options')).to.equal('nosniff');
      expect(response.headers.get('retry-after')).to.equal(retryAfter === undefined ? null : String(retryAfter));
      expect(response.headers.has('www-authenticate')).to.equal(status === 401);
      const { title, ...problem } = (await response.json()) as { title: string };
      expect(title.toLowerCase()).to.equal(when.replaceAll('`', '').toLowerCase());
      expect(problem).to.deep.equal({
        type: `/api/v1/web#${code}`,
        status,
        detail: 'For this reason.',
        instance: '/api/v1/json#the-id',
        code,
      });
    });
  }

  it('have a type that leads to its row in the instructions', async () => {
    const page = await (await fetch(`${app.url}/api/v1/web`)).text();
    for (const code of Object.keys(errorKinds)) expect(page).to.include(`<tr id="${code}">`);
  });

  it('reveal nothing about a bug', async () => {
    failure = new Error('the secret reason');
    const text = await (await ask(PROBLEM)).text();
    expect(text).to.include('"code":"internal"').and.not.include('secret');
  });

  it('are available on every route, also instead of a page', async () => {
    for (const path of ['/nope', '/api/nope', '/static/nope', '/readyz/x']) {
      const response = await fetch(app.url + path, { headers: { Accept: PROBLEM } });
      expect(response.headers.get('content-type'), path).to.equal(PROBLEM);
      expect(await response.json()).to.have.keys('type', 'title', 'status', 'detail', 'instance', 'code');
    }
  });

  for (const [accept, path, expected] of [
    ['application/problem+json', '/api/nope', PROBLEM],
    ['application/problem+json, application/json', '/api/nope', PROBLEM],
    ['application/json;q=0.9, application/problem+json', '/api/nope', PROBLEM],
    ['application/json, application/problem+json;q=0.9', '/api/nope', 'application/json'],
    ['application/json', '/api/nope', 'application/json'],
    ['application/*', '/api/nope', 'application/json'],
    ['*/*', '/api/nope', 'application/json'],
    ['application/problem+json;q=0', '/api/nope', 'application/json'],
    ['application/x-ndjson, application/problem+json', '/api/nope', PROBLEM],
    ['text/html, application/problem+json', '/api/nope', PROBLEM],
    ['text/html, application/problem+json', '/nope', 'text/html'],
    ['text/html;q=0.5, application/problem+json', '/nope', PROBLEM],
  ] as const) {
    it(`are chosen by quality: ${accept} for ${path} gets ${expected}`, async () => {
      const response = await fetch(app.url + path, { headers: { Accept: accept } });
      expect(response.headers.get('content-type')?.split(';')[0]).to.equal(expected);
      expect(response.headers.get('vary')).to.match(/\bAccept\b(?!-)/);
      if (expected === 'application/json') expect(await response.json()).to.have.all.keys('Code', 'message');
    });
  }
});
