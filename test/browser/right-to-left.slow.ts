// The search page with texts that are written from right to left.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Locator, Page } from 'playwright-core';
import { inBrowser } from '../helpers/browser.js';
import { useFixtureApp } from '../helpers/use-app.js';

const HEBREW = 'בראשית ברא אלהים את השמים ואת הארץ\nוהארץ היתה תהו ובהו\none הארץ two\n';
const ARABIC = 'كان في قديم الزمان ملك عظيم\nقال الملك للوزير: هذا قول عظيم\none عظيم two\n';

inBrowser('right-to-left texts on the search page', ({ open }) => {
  const suite = useFixtureApp();
  before(async () => {
    await mkdir(join(suite.dictionaries, 'كتب'));
    await writeFile(join(suite.dictionaries, 'כתובים.txt'), HEBREW);
    await writeFile(join(suite.dictionaries, 'كتب/ملوك.txt'), ARABIC);
  });

  const urlOf = (query: Record<string, string>) => `${suite.url}/?${new URLSearchParams(query)}`;
  const styleOf = (page: Page, selector: string, property: string) =>
    page.evaluate(`getComputedStyle(document.querySelector("${selector}")).${property}`);
  const left = async (element: Locator) => (await element.boundingBox())?.x ?? Number.NaN;

  for (const [language, query] of [
    ['Hebrew', { term: 'הארץ', dictionary: 'כתובים.txt' }],
    ['Arabic', { term: 'عظيم', dictionary: 'كتب' }],
  ] as const) {
    it(`are shown from right to left: ${language}`, async () => {
      const page: Page = await open(urlOf(query));
      for (const selector of ['blockquote', '[name=term]', '#chosen bdi', '#count b[dir]']) {
        expect(await styleOf(page, selector, 'direction'), selector).to.equal('rtl');
      }
      expect(await styleOf(page, '.entries', 'direction')).to.equal('ltr');
      expect(await page.locator('mark').first().textContent()).to.equal(query.term);
    });

    it(`have the text before a match on its right: ${language}`, async () => {
      const page = await open(urlOf({ ...query, view: 'kwic' }));
      const row = page.locator('tbody tr').first();
      const [before, match, after, source] = await Promise.all(
        ['.left', '.match', '.right', '.file'].map((selector) => left(row.locator(selector))),
      );
      expect([after, match, before, source]).to.deep.equal(
        [before, match, after, source].toSorted((a = 0, b = 0) => a - b),
      );
      // Also in a line that begins with Latin letters.
      const gaps = (await page.evaluate(
        '[...document.querySelectorAll("tbody tr")].map((row) => row.querySelector(".left bdi").getBoundingClientRect().left - row.querySelector("mark").getBoundingClientRect().right)',
      )) as number[];
      expect(gaps.length).to.be.above(1);
      expect(Math.max(...gaps.map(Math.abs))).to.be.below(10);
      const phone = await open(urlOf({ ...query, view: 'kwic' }), { viewport: { width: 390, height: 844 } });
      expect(await phone.evaluate('document.documentElement.scrollWidth')).to.equal(390);
    });
  }

  it('keep the direction of each line, and of names beside numbers', async () => {
    await writeFile(join(suite.dictionaries, 'mixed.txt'), 'one שלום\nשלום two\n');
    const page = await open(urlOf({ term: 'שלום', dictionary: 'mixed.txt', unit: 'quote' }));
    expect(await styleOf(page, 'blockquote', 'unicodeBidi')).to.equal('plaintext');
    const arabic = await open(urlOf({ term: 'ملك', dictionary: 'كتب' }));
    const name = arabic.locator('.location bdi').first();
    const number = arabic.locator('.location a').first();
    expect(await name.textContent()).to.equal('ملوك.txt');
    // "line 1" is on the right of the name, as in any other location.
    expect(await left(name)).to.equal(await left(number));
    const concordance = await open(urlOf({ term: 'שלום', dictionary: 'plain.txt', view: 'kwic' }));
    expect(await concordance.locator('table[dir]').count()).to.equal(0);
  });
});
