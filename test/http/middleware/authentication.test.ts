import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { pino } from 'pino';
import { ApiKeys, createApiKey } from '../../../src/auth/api-keys.js';
import { routes } from '../../../src/http/routes.js';
import { rawRequest } from '../../helpers/raw-http.js';
import { type RunningApp, startApp } from '../../helpers/start-app.js';
import { stubEngine } from '../../helpers/stub-engine.js';
import { type TempFolder, tempFolder } from '../../helpers/temp-folder.js';

describe('authentication', () => {
  let folder: TempFolder;
  let app: RunningApp;
  const observed: (string | undefined)[] = [];
  const refused: string[] = [];
  const { key, line } = createApiKey('reader');
  before(async () => {
    folder = await tempFolder();
    await writeFile(join(folder.path, 'keys'), line);
    const engine = stubEngine(async function* () {
      yield ['love'];
      return { nrOfEntries: 1 };
    });
    app = await startApp({
      engine,
      keys: new ApiKeys(join(folder.path, 'keys'), pino({ level: 'silent' })),
      observe: ({ key, route, status }) => {
        observed.push(key);
        if (status === 401) refused.push(route);
      },
      total: { get: async () => '5', close: async () => {} },
    });
  });
  after(async () => {
    await app.close();
    await folder.remove();
  });

  const search = { action: 'search', term: 'love' };
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

  for (const [title, authorization] of [
    ['a key', `Bearer ${key}`],
    ['a key with a scheme in lower case', `bearer   ${key}`],
    ['a key as a password, as browsers send it', basic(`anybody:${key}`)],
  ] as const) {
    it(`accepts ${title}, and reports the name of the key, never the key, in log and metrics`, async () => {
      app.log.length = 0;
      observed.length = 0;
      const response = await app.post(search, { Authorization: authorization });
      expect(response.status).to.equal(200);
      await response.text();
      while (observed.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      expect(observed).to.deep.equal(['reader']);
      expect(app.log.find(({ msg }) => msg === 'request')).to.include({ key: 'reader' });
      expect(JSON.stringify(app.log)).to.not.include(key);
    });
  }

  for (const [title, authorization] of [
    ['a request without a key', undefined],
    ['an unknown key', `Bearer ${createApiKey('other').key}`],
    ['the hash of a key', `Bearer ${line.split(' ')[1]}`],
    ['a key with a suffix', `Bearer ${key}x`],
    ['an empty key', 'Bearer '],
    ['a key as the user name', basic(`${key}:`)],
    ['Basic credentials without a colon', basic(key)],
    ['another scheme', `Digest ${key}`],
    ['a key without a scheme', key],
    ['two keys', `Bearer ${key}, Bearer ${key}`],
  ] as const) {
    it(`rejects ${title} with a challenge`, async () => {
      const response = await app.post(search, authorization === undefined ? {} : { Authorization: authorization });
      expect(response.status).to.equal(401);
      expect(response.headers.get('www-authenticate')).to.include('Bearer realm="grepd"');
      const answer = (await response.json()) as { message: string };
      expect(answer).to.include({ Code: 401 });
      expect(answer.message)
        .to.match(/See \/api\/v1\/web for instructions\.$/)
        .and.not.include(key);
    });
  }

  it('sends each challenge in its own header line, the one for browsers first', async () => {
    const { headers } = await rawRequest(app.port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    const challenges = [...headers.matchAll(/^WWW-Authenticate: (.*?)\r?$/gm)].map(([, challenge]) => challenge);
    expect(challenges).to.deep.equal(['Basic realm="grepd", charset="UTF-8"', 'Bearer realm="grepd"']);
  });

  it('counts rejected requests by their route', async () => {
    refused.length = 0;
    for (const path of ['/api/v1/json', '/status', '/nope']) await (await fetch(app.url + path)).text();
    while (refused.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(refused).to.have.members(['/api/v1/json', '/status', 'none']);
  });

  it('requires a key except for documentation, health checks and assets', async () => {
    const open = [
      '/api/v1/web',
      '/openapi.json',
      '/docs',
      '/help',
      '/healthz',
      '/readyz',
      '/robots.txt',
      '/opensearch.xml',
      '/favicon.ico',
    ];
    for (const { path } of Object.values(routes)) {
      const { status } = await fetch(app.url + path, { redirect: 'manual' });
      expect(status === 401, `${path} ${status}`).to.equal(!open.includes(path));
    }
    for (const path of ['/d/plain.txt', '/api/v1/json', '/?term=love', '/nope', '/healthz/', '/docs/../d']) {
      expect((await fetch(app.url + path)).status, path).to.equal(401);
    }
    const [, style = ''] = /href="([^"]*\.css)"/.exec(await (await fetch(`${app.url}/docs`)).text()) ?? [];
    expect((await fetch(app.url + style)).status).to.equal(200);
  });
});
