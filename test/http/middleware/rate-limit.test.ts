import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { pino } from 'pino';
import { ApiKeys, createApiKey } from '../../../src/auth/api-keys.js';
import { openRateLimit } from '../../../src/runtime/rate-limit/open-rate-limit.js';
import { type AppOptions, type RunningApp, startApp } from '../../helpers/start-app.js';
import { stubEngine } from '../../helpers/stub-engine.js';
import { tempFolder } from '../../helpers/temp-folder.js';

describe('rateLimit', () => {
  let app: RunningApp;
  afterEach(() => app.close());

  const rate = { maxRequests: 3, windowMs: 60_000 };
  const start = async (options: AppOptions = {}) => {
    const engine = stubEngine(async function* () {
      yield ['love'];
      return { nrOfEntries: 1 };
    });
    app = await startApp({ engine, limit: { rate, ...openRateLimit({ directory: undefined, rate }) }, ...options });
  };
  const search = { action: 'search', term: 'love' };
  const statuses = async (times: number, headers: Record<string, string> = {}) => {
    const statuses: number[] = [];
    for (let n = 0; n < times; n += 1) statuses.push((await app.post(search, headers)).status);
    return statuses;
  };

  it('reports the remaining requests in headers, and rejects requests beyond the limit', async () => {
    await start();
    for (const remaining of ['2', '1', '0']) {
      const { status, headers } = await app.post(search);
      expect(status).to.equal(200);
      expect(headers.get('ratelimit-policy')).to.equal('3;w=60');
      expect(headers.get('ratelimit-limit')).to.equal('3');
      expect(headers.get('ratelimit-remaining')).to.equal(remaining);
      expect(Number(headers.get('ratelimit-reset'))).to.be.within(1, 60);
    }
    const refused = await app.post(search);
    expect(refused.status).to.equal(429);
    expect(Number(refused.headers.get('retry-after'))).to.be.within(1, 60);
    expect(refused.headers.get('ratelimit-remaining')).to.equal('0');
    const answer = (await refused.json()) as { message: string };
    expect(answer).to.include({ Code: 429 });
    expect(answer.message).to.match(/^The limit is 3 requests in 60 s\. Try again in \d+ s\. See/);
    expect((await fetch(`${app.url}/?term=love`)).status).to.equal(429);
  });

  it('does not limit monitoring and public routes', async () => {
    await start();
    await statuses(4);
    for (const path of ['/healthz', '/readyz', '/metrics', '/docs', '/help', '/api/v1/web']) {
      const { status, headers } = await fetch(app.url + path);
      expect(status, path).to.equal(200);
      expect(headers.get('ratelimit-limit'), path).to.equal(null);
    }
  });

  it('counts by key if keys are set', async () => {
    const folder = await tempFolder();
    const [one, other] = [createApiKey('one'), createApiKey('other')];
    await writeFile(join(folder.path, 'keys'), `${one.line}\n${other.line}\n`);
    await start({ keys: new ApiKeys(join(folder.path, 'keys'), pino({ level: 'silent' })) });
    expect(await statuses(4, { Authorization: `Bearer ${one.key}` })).to.deep.equal([200, 200, 200, 429]);
    expect(await statuses(1, { Authorization: `Bearer ${other.key}` })).to.deep.equal([200]);
    // Unauthenticated requests aren't counted.
    expect(await statuses(5)).to.deep.equal([401, 401, 401, 401, 401]);
    await folder.remove();
  });

  it('counts by the client address from a trusted proxy', async () => {
    await start({ trustProxy: 1 });
    expect(await statuses(4, { 'X-Forwarded-For': '192.0.2.1' })).to.deep.equal([200, 200, 200, 429]);
    // Addresses that the caller sent itself are ignored.
    expect(await statuses(1, { 'X-Forwarded-For': '192.0.2.2, 192.0.2.1' })).to.deep.equal([429]);
    expect(await statuses(1, { 'X-Forwarded-For': '192.0.2.1, 192.0.2.2' })).to.deep.equal([200]);
  });

  it('ignores X-Forwarded-For if no proxy is trusted', async () => {
    await start();
    const received = [];
    for (let n = 0; n < 4; n += 1) received.push(...(await statuses(1, { 'X-Forwarded-For': `192.0.2.${n}` })));
    expect(received).to.deep.equal([200, 200, 200, 429]);
  });
});
