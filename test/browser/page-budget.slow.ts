// What a page costs a reader who opens it for the first time, with its styles and scripts.
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { inBrowser } from '../helpers/browser.js';
import { useApp } from '../helpers/use-app.js';

const MAX_TRANSFERRED_BYTES = 60_000;
/** A tenth of what https://web.dev/articles/cls calls good. */
const MAX_LAYOUT_SHIFT = 0.01;

const PAGES = {
  start: '/',
  'a list': '/?term=love&dictionary=king-james-bible.txt',
  'a full plot': '/?term=the&dictionary=king-james-bible.txt',
  'a list with many plots': '/?term=whale&dictionary=moby-dick',
  paragraphs: '/?term=whale&dictionary=moby-dick&unit=quote',
  'a concordance': '/?term=whale&dictionary=moby-dick&view=kwic',
  frequencies: '/?term=whal[a-z]*&syntax=regex&dictionary=moby-dick&view=frequencies',
  counts: '/?term=whale&dictionary=moby-dick&view=count',
  'a text': '/d/moby-dick/chapter-001.txt?line=3',
  help: '/help',
};

interface Transfer {
  name: string;
  /** The headers and the body, as compressed. */
  transferSize: number;
  encodedBodySize: number;
  decodedBodySize: number;
}

/** Returns what the browser has loaded in a new context: the page first. */
async function transfersOf(page: Page): Promise<Transfer[]> {
  await page.waitForLoadState('networkidle');
  const entries = (await page.evaluate(
    "['navigation', 'resource'].flatMap((type) => performance.getEntriesByType(type)).map((entry) => entry.toJSON())",
  )) as Transfer[];
  // The second use of an image is an entry, too: it comes from memory.
  return entries.filter(({ transferSize }, index) => index === 0 || transferSize > 0);
}

inBrowser('the budget of a page', ({ open }) => {
  const suite = useApp();

  for (const [title, path] of Object.entries(PAGES)) {
    it(`transfers at most ${MAX_TRANSFERRED_BYTES} bytes, from this host only: ${title}`, async () => {
      // `open` fails the test if the page requests anything from another host.
      const transfers = await transfersOf(await open(suite.url + path));
      const names = transfers.map(({ name }) => name);
      expect(names[0]).to.equal(suite.url + path);
      expect(names.join()).to.include('base.').and.include('.css').and.include('icon.');
      if (path.startsWith('/?')) expect(names.join()).to.include('search-page.').and.include('.js');
      expect(new Set(names).size).to.equal(names.length);
      const table = transfers.map(({ name, transferSize }) => `${transferSize} ${name}`).join('\n');
      const total = transfers.reduce((sum, { transferSize }) => sum + transferSize, 0);
      expect(total, table).to.be.at.most(MAX_TRANSFERRED_BYTES);
    });
  }

  it('is of compressed pages, styles and scripts', async () => {
    for (const { name, encodedBodySize, decodedBodySize } of await transfersOf(await open(suite.url + PAGES['a list'])))
      if (decodedBodySize > 2_000) expect(encodedBodySize, name).to.be.below(decodedBodySize * 0.6);
  });

  it('allows no inline styles and scripts, and the page has none', async () => {
    for (const path of [...Object.values(PAGES), '/docs', '/d', '/status', '/nope']) {
      const response = await fetch(suite.url + path, { headers: { Accept: 'text/html' } });
      const policy = response.headers.get('content-security-policy') ?? '';
      expect(policy, path).to.include("script-src 'self'").and.not.include('unsafe-');
      const text = await response.text();
      expect(text, path).to.not.match(/<style|\sstyle=|<script(?![^>]*\ssrc=)|<[^>]*\son\w+=|javascript:/i);
    }
  });

  it('hardly shifts while the page and later results arrive', async () => {
    const page = await open(suite.url + PAGES['a list']);
    await page.evaluate(`globalThis.shifted = 0;
      new PerformanceObserver((list) => { for (const { value } of list.getEntries()) shifted += value; })
        .observe({ type: 'layout-shift', buffered: true });`);
    // With as many results: after a shorter list, what follows it moves up.
    await page.getByRole('searchbox').fill('king');
    await page.locator('mark', { hasText: 'king' }).first().waitFor();
    await page.waitForLoadState('networkidle');
    expect(await page.evaluate('shifted')).to.be.below(MAX_LAYOUT_SHIFT);
  });
});
