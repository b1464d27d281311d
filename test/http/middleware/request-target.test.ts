import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { pino } from 'pino';
import { ApiKeys, createApiKey } from '../../../src/auth/api-keys.js';
import { rawRequest } from '../../helpers/raw-http.js';
import { type RunningApp, startApp } from '../../helpers/start-app.js';

const CLOSE = 'Host: x\r\nConnection: close\r\n\r\n';

describe('a request target', () => {
  const folder = mkdtempSync(join(tmpdir(), 'grepd-test-'));
  const observed: { route: string; status: number }[] = [];
  let app: RunningApp;
  let locked: RunningApp;
  before(async () => {
    const file = join(folder, 'keys');
    writeFileSync(file, createApiKey('me').line);
    app = await startApp({ observe: (request) => observed.push(request) });
    locked = await startApp({ keys: new ApiKeys(file, pino({ level: 'silent' })) });
  });
  after(async () => {
    await app.close();
    await locked.close();
    rmSync(folder, { recursive: true });
  });

  for (const target of ['http://[::1', 'http://', 'http:///', 'ftp://a/', '*', 'http://u@a/']) {
    it(`of ${target} is rejected with 400, or with 401 if the key is missing`, async () => {
      const { status, body } = await rawRequest(app.port, `GET ${target} HTTP/1.1\r\n${CLOSE}`);
      expect(status).to.equal(400);
      expect(body).to.have.property('Code', 400);
      expect(observed.at(-1)).to.include({ route: 'none', status: 400 });
      const refused = await rawRequest(locked.port, `GET ${target} HTTP/1.1\r\n${CLOSE}`);
      expect(refused.status).to.equal(401);
    });
  }

  it('that is an absolute URL is handled like its path, whatever the Host header', async () => {
    for (const target of ['http://a/healthz', 'HTTP://a:1/healthz?a=b', 'https://[::1]/healthz']) {
      const { status, body } = await rawRequest(app.port, `GET ${target} HTTP/1.1\r\n${CLOSE}`);
      expect([status, body], target).to.deep.equal([200, { status: 'alive' }]);
      expect(app.log.at(-1)).to.include({ path: '/healthz' });
    }
  });

  it('that is malformed is logged verbatim', async () => {
    await rawRequest(app.port, `GET http://[::1 HTTP/1.1\r\n${CLOSE}`);
    expect(app.log.at(-1)).to.include({ path: 'http://[::1', status: 400 });
  });
});
