// Texts in real use: from a hit into the text, from hit to hit, and back; lists with a filter.

import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { AxeResults } from 'axe-core';
import { expect } from 'chai';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { inBrowser } from '../helpers/browser.js';
import { useFixtureApp } from '../helpers/use-app.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const DESKTOP = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };

const CONTEXTS: Record<string, BrowserContextOptions> = {
  'on a desktop, light': { viewport: DESKTOP, colorScheme: 'light' },
  'on a desktop, dark, without scripts': { viewport: DESKTOP, colorScheme: 'dark', javaScriptEnabled: false },
  'on a phone, dark': { viewport: PHONE, colorScheme: 'dark' },
  'on a phone, light, without scripts': { viewport: PHONE, colorScheme: 'light', javaScriptEnabled: false },
};

const ARABIC = { folder: 'كتاب', file: 'فصل.txt', line: 'قال الملك: أريد حكاية عن الحب والسفر.', term: 'الحب' };
const HEBREW = { file: 'ספר.txt', line: 'ויאמר אלהים יהי אור ויהי אור.', term: 'אור' };

inBrowser('the text pages in a browser', ({ open }) => {
  const suite = useFixtureApp();
  before(async () => {
    const { dictionaries } = suite;
    const repeat = (line: string) => Array.from({ length: 200 }, (_, at) => (at % 40 === 39 ? line : `row ${at + 1}`));
    const texts = {
      'shelf/a.txt': repeat('the whale and another whale'),
      'shelf/b.txt': repeat('no such thing'),
      'shelf/c.txt': ['a', 'whale'],
      [`${ARABIC.folder}/${ARABIC.file}`]: repeat(ARABIC.line),
      [HEBREW.file]: repeat(HEBREW.line),
    };
    for (const folder of ['shelf', ARABIC.folder]) await mkdir(join(dictionaries, folder));
    for (const [name, lines] of Object.entries(texts)) {
      await writeFile(join(dictionaries, name), `${lines.join('\n')}\n`);
    }
  });

  const current = (page: Page) => page.locator('.lines [aria-current]');
  const isBarInSight = (page: Page) =>
    page.locator('.text-bar').evaluate((bar) => Math.abs(bar.getBoundingClientRect().top) < 1);
  const widthOf = (page: Page) => page.evaluate('document.documentElement.scrollWidth');
  const backgroundOf = (page: Page, selector: string) =>
    page
      .locator(selector)
      .first()
      .evaluate((element) => getComputedStyle(element).backgroundColor);

  for (const [how, options] of Object.entries(CONTEXTS)) {
    it(`leads from a hit into the text, to the next hits, and back, ${how}`, async () => {
      const results = `${suite.url}/?term=whale&dictionary=shelf`;
      const page = await open(results, options);
      await page.getByRole('link', { name: 'a.txt, line 80', exact: true }).click();
      await page.getByText('hit 2 of 5').waitFor();
      expect(await current(page).locator('mark').allTextContents()).to.deep.equal(['whale', 'whale']);
      expect(await isBarInSight(page)).to.equal(true);
      expect(await current(page).evaluate((line) => line.getBoundingClientRect().top)).to.be.within(100, 700);
      for (const position of [3, 4, 5]) {
        await page.getByRole('link', { name: 'Next hit' }).click();
        await page.getByText(`hit ${position} of 5`).waitFor();
      }
      expect(await current(page).getAttribute('id')).to.equal('L200');
      expect(await page.getByRole('link', { name: 'Next hit' }).count()).to.equal(0);
      await page.getByRole('link', { name: 'Previous hit' }).click();
      await page.getByText('hit 4 of 5').waitFor();
      await page.getByRole('link', { name: 'Next hit' }).click();
      await page.getByRole('link', { name: 'Next text with hits' }).click();
      await page.getByText('hit 1 of 1').waitFor();
      expect(new URL(page.url()).pathname).to.equal('/d/shelf/c.txt');
      expect(await widthOf(page)).to.equal(options.viewport?.width);
      await page.getByRole('link', { name: 'Back to results' }).click();
      await page.getByRole('status').filter({ hasText: '6 lines of shelf' }).waitFor();
      expect(page.url()).to.equal(results);
    });

    it(`searches the text, or all that was searched, from its bar, ${how}`, async () => {
      const page = await open(
        `${suite.url}/d/shelf/a.txt?line=40&term=whale&dictionary=shelf&ignore_case=true`,
        options,
      );
      await page.getByRole('searchbox').fill('ROW 1');
      await page.getByRole('button', { name: 'Search' }).click();
      await page.getByRole('status').filter({ hasText: 'lines of shelf/a.txt' }).waitFor();
      expect(new URL(page.url()).searchParams.get('ignore_case')).to.equal('true');
      await page.goBack();
      await page.getByRole('searchbox').fill('thing');
      await page.getByLabel('Search in').selectOption('shelf');
      await page.getByRole('searchbox').press('Enter');
      await page.getByRole('status').filter({ hasText: '5 lines of shelf' }).waitFor();
    });

    it(`shows Arabic and Hebrew from right to left, ${how}`, async () => {
      const { folder, file, line, term } = ARABIC;
      const page = await open(`${suite.url}/?${new URLSearchParams({ term, dictionary: folder })}`, options);
      await page.getByRole('link', { name: `${file}, line 120`, exact: true }).click();
      await page.getByText('hit 3 of 5').waitFor();
      const text = current(page).locator('span');
      expect(await text.textContent()).to.equal(line);
      const directionOf = (selector: string) =>
        page
          .locator(selector)
          .first()
          .evaluate((element) => getComputedStyle(element).direction);
      expect(await text.evaluate((element) => getComputedStyle(element).direction)).to.equal('rtl');
      // In a line that reads from left to right, the number stays on the left.
      expect(await directionOf('#L121 span')).to.equal('ltr');
      for (const selector of ['h1 bdi', 'h1 a:nth-of-type(2)', '.text-bar input', 'option:last-child']) {
        expect(await directionOf(selector), selector).to.equal('rtl');
      }
      const [mark, whole] = [await current(page).locator('mark').boundingBox(), await text.boundingBox()];
      const number = await current(page).locator('a').boundingBox();
      if (mark === null || whole === null || number === null) throw new Error('It has no box.');
      expect(number.x).to.be.below(whole.x);
      expect(whole.x + whole.width - mark.x).to.be.below(whole.width);
      expect(await widthOf(page)).to.equal(options.viewport?.width);
      const hebrew = await open(
        `${suite.url}/d/${HEBREW.file}?line=40&${new URLSearchParams({ term: HEBREW.term })}`,
        options,
      );
      await hebrew.getByText('hit 1 of 5').waitFor();
      expect(await current(hebrew).locator('mark').allTextContents()).to.deep.equal([HEBREW.term, HEBREW.term]);
      expect(
        await current(hebrew)
          .locator('span')
          .evaluate((span) => getComputedStyle(span).direction),
      ).to.equal('rtl');
    });

    it(`filters the list of texts, ${how}`, async () => {
      const page = await open(`${suite.url}/d`, options);
      const rows = page.locator('tbody tr');
      const all = await rows.count();
      await page.getByRole('searchbox').fill('ספ');
      await page.getByRole('button', { name: 'Show' }).click();
      await page.getByText(`1 of ${all} texts`).waitFor();
      const link = page.getByRole('link', { name: HEBREW.file });
      expect(await link.evaluate((element) => getComputedStyle(element).direction)).to.equal('rtl');
      expect(await widthOf(page)).to.equal(options.viewport?.width);
      await page.getByRole('link', { name: 'Show all' }).click();
      await page.getByText(`${all} texts`).waitFor();
      expect(await rows.count()).to.equal(all);
      await page.getByRole('link', { name: 'shelf' }).click();
      await page.getByRole('searchbox').fill('?.TXT');
      await page.getByRole('searchbox').press('Enter');
      await page.getByText('3 of 3 texts').waitFor();
    });
  }

  it('keeps the bar in sight while the text scrolls, unless the window is low', async () => {
    const address = `${suite.url}/d/shelf/a.txt?from=1&term=whale&dictionary=shelf`;
    const page = await open(address, { viewport: PHONE });
    await page.evaluate('scrollTo(0, 600)');
    await page.waitForFunction('scrollY === 600');
    expect(await isBarInSight(page)).to.equal(true);
    const height = await page.locator('.text-bar').evaluate((bar) => bar.getBoundingClientRect().height);
    expect(height).to.be.below(110);
    await page.setViewportSize({ width: 390, height: 300 });
    expect(await isBarInSight(page)).to.equal(false);
  });

  it('returns to the same page of results, with the form as it was', async () => {
    const results = `${suite.url}/?term=row&n_after=1&dictionary=shelf&offset=20`;
    const page = await open(results);
    await page.getByRole('link', { name: 'a.txt, line 21', exact: true }).click();
    await page.getByText('hit 21 of ').waitFor();
    await page.getByRole('link', { name: 'Back to results' }).click();
    await page.getByRole('link', { name: 'a.txt, line 21', exact: true }).waitFor();
    expect(page.url()).to.equal(results);
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const viewport of [DESKTOP, PHONE]) {
      it(`passes axe's accessibility checks, ${colorScheme}, ${viewport.width} wide`, async () => {
        for (const path of [
          '/d/shelf/a.txt?line=80&term=whale&dictionary=shelf',
          '/d/shelf/a.txt?line=200&term=whale&dictionary=shelf',
          `/d/${ARABIC.folder}?filter=txt`,
          '/d?filter=nothing',
        ]) {
          const page = await open(suite.url + path, { colorScheme, viewport });
          await page.evaluate(AXE);
          const { violations } = (await page.evaluate('axe.run()')) as AxeResults;
          expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).to.deep.equal([]);
        }
      });
    }

    it(`marks the matches in the colors of the scheme: ${colorScheme}`, async () => {
      const page = await open(`${suite.url}/d/shelf/c.txt?term=whale`, { colorScheme });
      const color = await backgroundOf(page, 'mark');
      expect(color).to.equal(colorScheme === 'light' ? 'rgb(253, 230, 138)' : 'rgb(124, 74, 3)');
    });
  }
});
