import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { AppError } from '../../../src/errors.js';
import { type RunningApp, startApp } from '../../helpers/start-app.js';
import { untilAborted } from '../../helpers/stub-engine.js';

describe('GET /total', () => {
  let app: RunningApp | undefined;
  afterEach(() => app?.close());

  async function start(get: (signal: AbortSignal) => Promise<string>): Promise<RunningApp> {
    app = await startApp({ total: { get, close: async () => {} } });
    return app;
  }

  it('returns the sum with all its digits', async () => {
    const { url } = await start(async () => '123456789012345678901234567890');
    const response = await fetch(`${url}/total`);
    expect(response.status).to.equal(200);
    expect(response.headers.get('content-type')).to.equal('application/json; charset=utf-8');
    expect(await response.text()).to.equal('{"total":123456789012345678901234567890}');
  });

  for (const [code, status] of [
    ['numbers_failed', 502],
    ['numbers_timeout', 504],
  ] as const) {
    it(`answers ${status} with the reason, and logs it`, async () => {
      const { url, log } = await start(() => Promise.reject(new AppError(code, 'For this reason.')));
      const response = await fetch(`${url}/total`);
      expect(response.status).to.equal(status);
      expect(await response.json()).to.deep.equal({
        Code: status,
        message: 'For this reason. See /api/v1/web for instructions.',
      });
      while (log.length === 0) await sleep(5);
      expect(log[0]).to.include({ msg: 'request', path: '/total', status, reason: 'For this reason.' });
    });
  }

  it('answers 500 without details for a bug', async () => {
    const { url } = await start(() => Promise.reject(new Error('secret')));
    const response = await fetch(`${url}/total`);
    expect(response.status).to.equal(500);
    expect(await response.text()).not.to.include('secret');
  });

  it('aborts when the client disconnects', async () => {
    let arrived = () => {};
    const isAsked = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    let reason: unknown;
    const { url } = await start((signal) => {
      arrived();
      return untilAborted(signal).catch((error) => {
        reason = error;
        throw error;
      });
    });
    const client = new AbortController();
    const response = fetch(`${url}/total`, { signal: client.signal }).catch(() => 'left');
    await isAsked;
    client.abort();
    expect(await response).to.equal('left');
    while (reason === undefined) await sleep(5);
    expect(reason).to.have.property('name', 'AbortError');
  });

  it('supports GET only', async () => {
    const { url } = await start(async () => '1');
    const response = await fetch(`${url}/total`, { method: 'POST' });
    expect(response.status).to.equal(405);
    expect(response.headers.get('allow')).to.equal('HEAD, GET');
  });
});
