// Errors as pages for people, and as JSON for programs.
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { expect } from 'chai';
import { pino } from 'pino';
import { ApiKeys, createApiKey } from '../../../src/auth/api-keys.js';
import { AppError, type ErrorCode, type ErrorKind, errorKinds } from '../../../src/errors.js';
import { escapeHtml } from '../../../src/http/pages/html.js';
import { openRateLimit } from '../../../src/runtime/rate-limit/open-rate-limit.js';
import type { SearchEngine } from '../../../src/search/engine.js';
import { type AppOptions, type RunningApp, startApp } from '../../helpers/start-app.js';
import { stubEngine, untilAborted } from '../../helpers/stub-engine.js';
import { type TempFolder, tempFolder } from '../../helpers/temp-folder.js';

const BROWSER = { Accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8' };

describe('the failure page', () => {
  let folder: TempFolder;
  let app: RunningApp;
  let dictionaries: SearchEngine['dictionaries'];
  const { line } = createApiKey('reader');

  const start = async (options: AppOptions = {}) => {
    const engine = { ...stubEngine(() => expect.fail('no search')) };
    app = await startApp({ engine: { ...engine, dictionaries: (signal) => dictionaries(signal) }, ...options });
  };
  before(async () => {
    folder = await tempFolder();
    await writeFile(join(folder.path, 'keys'), line);
  });
  after(() => folder.remove());
  afterEach(() => app.close());

  /** Checks what all failure pages have in common. Returns the page. */
  async function expectPage(response: Response, status: number): Promise<string> {
    const page = await response.text();
    expect(response.status, page).to.equal(status);
    expect(response.headers.get('content-type')).to.equal('text/html; charset=utf-8');
    expect(response.headers.get('vary')).to.match(/\bAccept\b(?!-)/);
    expect(response.headers.get('content-security-policy')).to.include("default-src 'none'");
    expect(response.headers.get('x-content-type-options')).to.equal('nosniff');
    expect(page).to.match(/<title>[\w -]+ – grepd<\/title>/);
    expect(page).to.include('<nav aria-label="Pages">');
    expect(page).to.include('<form action="/" role="search">').and.include('<input type="search" name="term"');
    for (const path of ['/', '/d', '/api/v1/web', '/help'])
      expect(page.slice(page.indexOf('<main')), path).to.include(`href="${path}"`);
    expect(page).to.include(`<code>${response.headers.get('x-request-id')}</code>`);
    return page;
  }

  const alertOf = (page: string) => /role="alert">([^<]*)</.exec(page)?.[1];

  for (const [code, row] of Object.entries(errorKinds)) {
    const { status, pageMessage, retryAfter }: ErrorKind = row;
    it(`shows the error and links, with status ${status}: ${code}`, async () => {
      dictionaries = () => Promise.reject(new AppError(code as ErrorCode, 'For <this> reason.'));
      await start();
      const response = await fetch(`${app.url}/d`, { headers: BROWSER });
      const page = await expectPage(response, status);
      expect(response.headers.get('cache-control')).to.equal('no-store');
      expect(response.headers.get('retry-after')).to.equal(retryAfter === undefined ? null : String(retryAfter));
      const retry = retryAfter === undefined ? '' : ` Try again in ${retryAfter} second${retryAfter === 1 ? '' : 's'}.`;
      expect(alertOf(page)).to.equal(escapeHtml((pageMessage ?? 'For <this> reason.') + retry));
    });
  }

  it('reveals nothing about a bug', async () => {
    dictionaries = () => Promise.reject(new Error('the secret reason'));
    await start();
    const page = await expectPage(await fetch(`${app.url}/d`, { headers: BROWSER }), 500);
    expect(alertOf(page)).to.equal('Internal error. The log has the details under the X-Request-Id of this response.');
    expect(page).to.not.include('secret');
  });

  it('reports the timeout of a listing', async () => {
    dictionaries = untilAborted;
    await start({ searchTimeoutMs: 50 });
    const page = await expectPage(await fetch(`${app.url}/d`, { headers: BROWSER }), 504);
    expect(alertOf(page)).to.equal('The search took longer than 50 ms.');
  });

  for (const path of ['/nope', '/%ff', '/static/nope.css', '/D%2F']) {
    it(`reports an unknown path: ${path}`, async () => {
      await start();
      const page = await expectPage(await fetch(app.url + path, { headers: BROWSER }), 404);
      expect(alertOf(page)).to.equal('There is no page at this address.');
    });
  }

  for (const [method, status, problem] of [
    ['POST', 405, 'POST is not allowed on /. Allowed: HEAD, GET.'],
    ['PROPFIND', 501, 'The method PROPFIND is not implemented.'],
  ] as const) {
    it(`reports an unsupported method: ${method}`, async () => {
      await start();
      const page = await expectPage(await fetch(app.url, { method, headers: BROWSER }), status);
      expect(alertOf(page)).to.equal(problem);
    });
  }

  it('reports a malformed target', async () => {
    await start();
    const client = request({ port: app.port, path: 'ftp://a/?<b>', headers: BROWSER }).end();
    const [response] = await once(client, 'response');
    expect(response.statusCode).to.equal(400);
    expect(response.headers['content-type']).to.equal('text/html; charset=utf-8');
    expect(alertOf(await readText(response))).to.equal(
      'The request target must be a path or an http URL, got &quot;ftp://a/?&lt;b&gt;&quot;.',
    );
  });

  it('explains to a client without a key how to enter one, with working styles', async () => {
    await start({ keys: new ApiKeys(join(folder.path, 'keys'), pino({ level: 'silent' })) });
    for (const path of ['/', '/d/plain.txt', '/nope', '/static/../d']) {
      const response = await fetch(app.url + path, { headers: BROWSER });
      const page = await expectPage(response, 401);
      expect(response.headers.get('www-authenticate')).to.include('Basic realm="grepd"');
      expect(alertOf(page)).to.match(/^This page needs an API key\. Reload it, and enter the key as the password/);
      const assets = [...page.matchAll(/(?:src|href)="(\/static\/[^"]+)"/g)].map(([, asset]) => asset);
      expect(assets.length).to.be.above(2);
      for (const asset of assets) expect((await fetch(app.url + asset)).status, asset).to.equal(200);
    }
  });

  it('explains to a client over the rate limit when to try again', async () => {
    const rate = { maxRequests: 1, windowMs: 60_000 };
    await start({ limit: { rate, ...openRateLimit({ directory: undefined, rate }) } });
    await fetch(`${app.url}/nope`);
    const response = await fetch(`${app.url}/nope`, { headers: BROWSER });
    const page = await expectPage(response, 429);
    const seconds = response.headers.get('retry-after');
    expect(Number(seconds)).to.be.within(1, 60);
    expect(alertOf(page)).to.equal(`You have made too many requests. Try again in ${seconds} seconds.`);
  });

  it('answers HEAD with the headers of the page', async () => {
    await start();
    const headers = { ...BROWSER, 'X-Request-Id': 'same' };
    const page = await fetch(`${app.url}/nope`, { headers });
    const length = (await page.text()).length;
    const head = await fetch(`${app.url}/nope`, { headers, method: 'HEAD' });
    expect(head.status).to.equal(404);
    expect(head.headers.get('content-type')).to.equal('text/html; charset=utf-8');
    expect(Number(head.headers.get('content-length'))).to.be.within(length, length + 100);
    expect(await head.text()).to.equal('');
  });

  it('escapes and truncates the path that it quotes', async () => {
    dictionaries = () => Promise.reject(new AppError('invalid_request', `<img>${'x'.repeat(10_000)}`));
    await start();
    const script = '<script>alert(1)</script>';
    const unknown = await fetch(`${app.url}/${script}?${script}`, { headers: { ...BROWSER, 'X-Request-Id': script } });
    expect(await expectPage(unknown, 404)).to.not.match(/alert\(1\)/);
    const long = await expectPage(await fetch(`${app.url}/d`, { headers: BROWSER }), 400);
    expect(long).to.include('role="alert">&lt;img&gt;xxx').and.not.include('<img>');
    expect(long.length).to.be.below(5_000);
  });

  for (const accept of [undefined, '*/*', 'application/json', 'application/json, text/html', 'text/plain', 'image/*']) {
    it(`is replaced by JSON for a program that accepts ${accept ?? 'nothing in particular'}`, async () => {
      await start();
      // fetch would send its own Accept header.
      const headers = accept === undefined ? {} : { Accept: accept };
      const [response] = await once(request({ port: app.port, path: '/nope', headers }).end(), 'response');
      expect(response.statusCode).to.equal(404);
      expect(response.headers['content-type']).to.equal('application/json; charset=utf-8');
      expect(response.headers.vary).to.match(/\bAccept\b(?!-)/);
      expect(await readText(response)).to.equal(
        '{"Code":404,"message":"There is no route /nope. See /api/v1/web for instructions."}',
      );
    });
  }

  for (const [method, path, status] of [
    ['GET', '/api/v1/json', 405],
    ['POST', '/api/v1/json', 415],
    ['GET', '/api/v1/nope', 404],
    ['GET', '/api', 404],
    ['GET', '/api/v1/dictionaries', 503],
    ['POST', '/openapi.json', 405],
    ['GET', '/readyz', 503],
    ['POST', '/healthz', 405],
    ['POST', '/metrics', 405],
    ['GET', '/total', 500],
    ['GET', '/wait?seconds=x', 400],
  ] as const) {
    it(`is replaced by JSON on a route for programs: ${method} ${path}`, async () => {
      dictionaries = () => Promise.reject(new AppError('too_busy', 'For this reason.'));
      await start({ phase: () => 'draining', waitRoute: true });
      const response = await fetch(app.url + path, { method, headers: BROWSER });
      expect(response.status).to.equal(status);
      expect(response.headers.get('content-type')).to.equal('application/json; charset=utf-8');
      expect(response.headers.get('vary')).to.match(/\bAccept\b(?!-)/);
      expect(await response.json())
        .to.have.keys('Code', 'message')
        .and.include({ Code: status });
    });
  }
});
