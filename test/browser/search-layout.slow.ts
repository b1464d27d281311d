// The layout of the search page: density, zoom, stability while results arrive, and its size.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { inBrowser } from '../helpers/browser.js';
import { useApp, useFixtureApp } from '../helpers/use-app.js';

const SCREENS = {
  'a desktop': { width: 1280, height: 800 },
  'a phone': { width: 390, height: 844 },
};

/** Records every shift, also those that the user's input excuses. Less than a pixel isn't seen. */
const OBSERVE_SHIFTS = `
  globalThis.shifts = [];
  new PerformanceObserver((list) => shifts.push(...list.getEntries().map(({ value, sources }) => ({
    value, nodes: sources.map(({ node }) => node?.id || node?.nodeName),
  })).filter(({ value }) => value >= 0.0001))).observe({ type: 'layout-shift', buffered: true });`;

inBrowser('the layout of the search page', ({ open }) => {
  const suite = useApp();
  const untilFound = (page: Page, text: string) => page.getByRole('status').filter({ hasText: text }).waitFor();

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`shows ten verses of the Bible on a screen, ${colorScheme}`, async () => {
      const page = await open(`${suite.url}/?term=love&dictionary=king-james-bible.txt`, {
        viewport: SCREENS['a desktop'],
        colorScheme,
      });
      const shown = await page.evaluate(
        '[...document.querySelectorAll(".entries > li")].filter((entry) => entry.getBoundingClientRect().bottom <= innerHeight).length',
      );
      expect(shown).to.be.at.least(10);
    });
  }

  it('has the text, its location and Copy in one line', async () => {
    const page = await open(`${suite.url}/?term=LORD&dictionary=king-james-bible.txt`, {
      viewport: SCREENS['a desktop'],
    });
    const heights = (await page.evaluate(
      '[...document.querySelectorAll(".entries > li")].map((entry) => entry.offsetHeight - entry.querySelector("blockquote").offsetHeight)',
    )) as number[];
    expect(Math.max(...heights)).to.be.below(15);
  });

  for (const [screen, viewport] of Object.entries(SCREENS)) {
    it(`moves nothing when results arrive, on ${screen}`, async () => {
      const page = await open(suite.url, { viewport });
      await page.evaluate(OBSERVE_SHIFTS);
      const terms = ['whale', 'zzz', 'ship'];
      for (const [index, term] of terms.entries()) {
        const found = index === 1 ? 'No results' : ' of all texts';
        await page.evaluate(
          `document.querySelector('[name=term]').value = '${term}'; document.querySelector('#search').requestSubmit()`,
        );
        await page.waitForURL(new RegExp(`term=${term}`));
        await untilFound(page, found);
      }
      // Another frame, in which shifts would be reported.
      await page.evaluate('new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))');
      expect(await page.evaluate('shifts')).to.deep.equal([]);
    });

    it(`moves nothing while a page loads, on ${screen}`, async () => {
      const page = await open(`${suite.url}/?term=whale&dictionary=moby-dick`, { viewport });
      await page.addInitScript(OBSERVE_SHIFTS);
      await page.reload();
      await page.waitForLoadState('networkidle');
      expect(await page.evaluate('shifts')).to.deep.equal([]);
    });
  }

  it('fits a screen that is zoomed to 200 %, and hides nothing', async () => {
    for (const path of ['/', '/?term=whale&dictionary=moby-dick', '/?term=whale&dictionary=moby-dick&view=kwic']) {
      const page = await open(suite.url + path, { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 });
      expect(await page.evaluate('document.documentElement.scrollWidth'), path).to.be.at.most(640);
      const hidden = await page.evaluate(
        '[...document.querySelectorAll("#search :is(input:not([type=hidden]), select, button)")].filter((field) => field.checkVisibility() && field.getBoundingClientRect().right > innerWidth).map(({ name }) => name)',
      );
      expect(hidden, path).to.deep.equal([]);
    }
  });

  it('transfers less than 60 KB in total', async () => {
    for (const path of ['/', '/?term=whale&dictionary=moby-dick', '/?term=whale&dictionary=moby-dick&view=kwic']) {
      const page = await open(suite.url + path);
      await page.waitForLoadState('networkidle');
      const bytes = await page.evaluate(
        '[...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")].reduce((sum, { transferSize }) => sum + transferSize, 0)',
      );
      expect(bytes, path).to.be.within(1_000, 60_000);
    }
  });
});

inBrowser('long lines on the search page', ({ open }) => {
  const suite = useFixtureApp();

  it('are shown as passages around their matches, with a link to the whole', async () => {
    const text = `${'start '.repeat(30_000)}needle ${'middle '.repeat(30_000)}needle ${'end '.repeat(30_000)}`;
    await writeFile(join(suite.dictionaries, 'one-line.txt'), text);
    const page = await open(`${suite.url}/?term=needle&dictionary=one-line.txt`);
    const [shown = ''] = await page.locator('blockquote').allTextContents();
    expect(shown.length).to.be.within(400, 1_000);
    expect(await page.locator('mark').allTextContents()).to.deep.equal(['needle', 'needle']);
    expect(await page.getByRole('alert').count()).to.equal(0);
    expect(await page.getByRole('status').textContent()).to.include('1 line of one-line.txt, 2 occurrences');
    await page.getByRole('link', { name: 'The whole line' }).click();
    await page.locator('.lines [aria-current]', { hasText: 'needle' }).waitFor();
    const concordance = await open(`${suite.url}/?term=needle&dictionary=one-line.txt&view=kwic`);
    expect(await concordance.locator('td.match').allTextContents()).to.deep.equal(['needle', 'needle']);
  });
});
