// Logging in with an API key in a browser, from the 401 to the results.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { pino } from 'pino';
import type { BrowserContextOptions } from 'playwright-core';
import { ApiKeys, createApiKey } from '../../src/auth/api-keys.js';
import { openEngine } from '../../src/search/open-engine.js';
import { inBrowser } from '../helpers/browser.js';
import { type Fixtures, makeFixtures } from '../helpers/fixtures.js';
import { engineOptions } from '../helpers/queries.js';
import { type RunningApp, startApp } from '../helpers/start-app.js';

inBrowser('a service with API keys in a browser', ({ open, expectErrors }) => {
  const { key, line } = createApiKey('reader');
  let fixtures: Fixtures;
  let app: RunningApp;
  before(async () => {
    fixtures = await makeFixtures();
    const dictionariesDir = fixtures.dictionaries;
    const engine = await openEngine(engineOptions({ dictionariesDir, defaultDictionary: 'plain.txt' }));
    const file = join(dictionariesDir, '..', 'keys');
    await writeFile(file, line);
    app = await startApp({ engine, keys: new ApiKeys(file, pino({ level: 'silent' })) });
  });
  after(async () => {
    await app.close();
    await fixtures.remove();
  });
  beforeEach(() => {
    app.log.length = 0;
  });

  /** What a user enters at the browser's prompt. Playwright sends it only after a challenge. */
  const login = (password: string): BrowserContextOptions => ({
    httpCredentials: { username: 'anybody', password, send: 'unauthorized' },
  });
  const requests = () => app.log.filter(({ msg }) => msg === 'request');
  const requestsOf = (path: string) => requests().filter((request) => request.path === path);

  it('asks for a key, shows the search page, and lets its script search', async () => {
    const page = await open(`${app.url}/?dictionary=plain.txt`, login(key));
    expect(requestsOf('/').map(({ status, key }) => [status, key])).to.deep.equal([
      [401, undefined],
      [200, 'reader'],
    ]);
    await page.getByRole('searchbox').pressSequentially('love');
    await page.getByRole('status').filter({ hasText: '4 lines of plain.txt' }).waitFor();
    expect(await page.locator('mark').count()).to.equal(4);
    await page.getByRole('link', { name: 'Texts' }).click();
    await page.getByRole('heading', { name: 'Texts' }).waitFor();
    // Assets and later requests need no further login.
    expect(requests().filter(({ status }) => status === 401)).to.have.length(1);
  });

  it('accepts a key in the URL', async () => {
    const url = new URL(app.url);
    url.username = 'anybody';
    url.password = key;
    const page = await open(url.href);
    expect(await page.getByRole('searchbox').isVisible()).to.equal(true);
  });

  it('shows a page that says how to log in if the key is wrong', async () => {
    expectErrors();
    const page = await open(app.url, login(createApiKey('other').key));
    expect(await page.getByRole('alert').textContent()).to.include('enter the key as the password');
    // The style sheet needs no key.
    expect(await page.evaluate('getComputedStyle(document.querySelector(".problem")).borderLeftWidth')).to.equal('4px');
    await page.getByRole('link', { name: 'the help' }).click();
    await page.waitForURL(`${app.url}/help`);
    expect(new Set(requestsOf('/').map(({ status }) => status))).to.deep.equal(new Set([401]));
    expect(requestsOf('/').map(({ reason }) => reason)).to.include('Unknown API key.');
  });
});
