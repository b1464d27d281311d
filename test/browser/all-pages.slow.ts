// Every page: accessibility, small screens and color schemes.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { inBrowser } from '../helpers/browser.js';
import { useApp } from '../helpers/use-app.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const PAGES = {
  start: '/',
  'lines with context': '/?term=love&dictionary=king-james-bible.txt&n_before=1&n_after=1&offset=20',
  'quotes of a folder': '/?term=whale&dictionary=moby-dick&unit=quote&ignore_case=true',
  'more conditions': '/?all_of=whale&none_of=ship&dictionary=moby-dick&files=chapter-1*',
  'a concordance': '/?term=whale&dictionary=moby-dick&view=kwic&order=left',
  'a wide concordance': '/?term=whale&dictionary=moby-dick&view=kwic&width=300&nresults=5',
  frequencies: '/?term=whal[a-z]*&syntax=regex&dictionary=moby-dick&view=frequencies',
  'words beside matches': '/?term=whale&dictionary=moby-dick&view=frequencies&by=left&fold_case=true',
  'counts of files': '/?term=whale&dictionary=moby-dick&view=count',
  'nothing found': '/?term=zzz',
  'a problem': '/?term=(&syntax=regex',
  'a random quote': '/?dictionary=devils-dictionary.txt&unit=quote&order=random&seed=1&nresults=1',
  texts: '/d',
  'a folder': '/d/moby-dick',
  'a text': '/d/moby-dick/chapter-009.txt?line=5#L5',
  'a text from a search': '/d/moby-dick/chapter-009.txt?line=11&term=whale&dictionary=moby-dick#L11',
  'a text whose search is invalid': '/d/devils-dictionary.txt?term=(&syntax=regex',
  'filtered texts': '/d/moby-dick?filter=chapter-1*',
  'no text': '/d/nope',
  'a misspelled text': '/d/moby-dik',
  'a search in a misspelled text': '/?term=whale&dictionary=moby-dik',
  'no page': '/nope',
  instructions: '/api/v1/web',
  help: '/help',
  status: '/status',
};

/** Pages that have all the colors between them, to check in the dark. */
const COLORFUL = new Set([
  'start',
  'lines with context',
  'a concordance',
  'counts of files',
  'a problem',
  'texts',
  'a text from a search',
  'status',
]);

/** @param rules the rules to check; all of them by default */
async function violationsOf(page: Page, rules?: readonly string[]): Promise<object[]> {
  await page.evaluate(AXE);
  const options = rules === undefined ? {} : { runOnly: rules };
  const { violations } = (await page.evaluate(`axe.run(${JSON.stringify(options)})`)) as AxeResults;
  return violations.map(({ id, impact, nodes }) => ({ id, impact, where: nodes.map(({ html }) => html) }));
}

inBrowser('every page in a browser', ({ open, expectErrors }) => {
  const unused = () => Promise.reject(new Error('no upload'));
  const suite = useApp({
    uploads: { store: { put: unused, remove: unused }, limits: { maxBytes: 1024 * 1024, graceMs: 1_000 } },
  });

  for (const [title, path] of Object.entries(PAGES)) {
    const colors = COLORFUL.has(title) ? 'light and dark' : 'light';
    it(`passes axe's accessibility checks, ${colors}, and fits a phone: ${title}`, async () => {
      expectErrors();
      const page = await open(suite.url + path, { colorScheme: 'light' });
      expect(await violationsOf(page)).to.deep.equal([]);
      if (COLORFUL.has(title)) {
        await page.emulateMedia({ colorScheme: 'dark' });
        // Only colors differ.
        expect(await violationsOf(page, ['color-contrast'])).to.deep.equal([]);
      }
      await page.setViewportSize({ width: 320, height: 640 });
      expect(
        await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'),
      ).to.be.at.most(0);
    });
  }

  it('follows the preferred color scheme', async () => {
    const brightness = async (colorScheme: 'light' | 'dark') => {
      const page = await open(suite.url, { colorScheme });
      const color = (await page.evaluate('getComputedStyle(document.body).backgroundColor')) as string;
      return Math.max(...(color.match(/\d+/g) ?? []).map(Number));
    };
    expect(await brightness('light')).to.be.above(200);
    expect(await brightness('dark')).to.be.below(60);
  });
});

inBrowser('the API reference in a browser', ({ open }) => {
  const suite = useApp();

  it('shows and calls the API without violating the Content-Security-Policy', async () => {
    const page = await open(`${suite.url}/docs`);
    await page.getByText('/api/v1/json', { exact: true }).first().click();
    await page.getByRole('button', { name: 'Execute' }).click();
    const answer = page.locator('.live-responses-table .response').first();
    await answer.getByText('An account mostly false').waitFor();
    expect(await answer.locator('.response-col_status').textContent()).to.include('200');
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`passes axe's accessibility checks: ${colorScheme}`, async () => {
      const page = await open(`${suite.url}/docs`, { colorScheme });
      const post = page.locator('#operations-API-runAction');
      await post.waitFor();
      expect(await violationsOf(page)).to.deep.equal([]);
      await post.locator('button').first().click();
      await page.getByRole('button', { name: 'Execute' }).click();
      await page.locator('.live-responses-table').waitFor();
      for (const tab of await post.locator('.tablinks', { hasText: 'Schema' }).all()) await tab.click();
      await page.locator('#operations-API-search button').first().click();
      await page.locator('#operations-API-search .parameters').first().waitFor();
      await page.locator('.models button').first().click();
      await page.locator('.models article').first().waitFor();
      expect(await violationsOf(page)).to.deep.equal([]);
    });

    it(`has one background: ${colorScheme}`, async () => {
      const page = await open(`${suite.url}/docs`, { colorScheme });
      await page.locator('.info .title').waitFor();
      const colors = (await page.evaluate(`['html', 'body', '#docs .swagger-ui'].map(
        (selector) => getComputedStyle(document.querySelector(selector)).backgroundColor)`)) as string[];
      const [body] = colors.slice(1);
      for (const color of colors) expect(color).to.be.oneOf([body, 'rgba(0, 0, 0, 0)']);
    });
  }

  it('follows a color scheme that the reader chooses', async () => {
    const page = await open(`${suite.url}/docs`, { colorScheme: 'light' });
    await page.locator('.info .title').waitFor();
    await page.evaluate("document.documentElement.style.colorScheme = 'dark'");
    await page.locator('html.dark-mode').waitFor();
  });

  it('links to the instructions and to the document', async () => {
    const page = await open(`${suite.url}/docs`);
    await page.locator('.info .title').waitFor();
    const addressOf = (name: string) => page.getByRole('link', { name }).first().getAttribute('href');
    expect(await addressOf('The instructions')).to.equal('/api/v1/web');
    expect(await addressOf('/openapi.json')).to.include('/openapi.json');
  });

  it('fits a phone', async () => {
    const page = await open(`${suite.url}/docs`, { viewport: { width: 360, height: 640 } });
    await page.getByText('/api/v1/json', { exact: true }).first().click();
    await page.getByRole('button', { name: 'Execute' }).click();
    await page.locator('.live-responses-table').waitFor();
    expect(
      await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'),
    ).to.be.at.most(0);
  });

  it('sends a request with any term', async () => {
    const page = await open(`${suite.url}/docs`);
    const operation = page.locator('#operations-pages-searchPage');
    await operation.locator('button').first().click();
    await operation.getByPlaceholder('term').fill('Captain ships');
    const isAsked = page.waitForRequest(/term=Captain/);
    await operation.getByRole('button', { name: 'Execute' }).click();
    await isAsked;
  });

  it('follows a dark color scheme', async () => {
    const page = await open(`${suite.url}/docs`, { colorScheme: 'dark' });
    await page.locator('.info .title').waitFor();
    const color = (await page.evaluate('getComputedStyle(document.querySelector(".info .title")).color')) as string;
    expect(Math.max(...(color.match(/\d+/g) ?? []).map(Number))).to.be.above(150);
  });

  it('links to alternatives without scripts', async () => {
    const page = await open(`${suite.url}/docs`, { javaScriptEnabled: false });
    expect(await page.getByRole('link', { name: 'the OpenAPI document' }).isVisible()).to.equal(true);
  });
});
