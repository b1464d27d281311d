// The choice of texts on the search page, in a browser.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { inBrowser } from '../helpers/browser.js';
import { useApp, useFixtureApp } from '../helpers/use-app.js';

const SCREENS = [
  { viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
  { viewport: { width: 390, height: 844 }, colorScheme: 'dark' },
] as const;

const untilFound = (page: Page, text: string) => page.locator('#count').filter({ hasText: text }).waitFor();
const dictionariesIn = (page: Page) => new URL(page.url()).searchParams.getAll('dictionary');
/** On a phone, the options are folded. */
async function showOptions(page: Page): Promise<void> {
  const summary = page.locator('#options > summary');
  if ((await summary.isVisible()) && (await page.locator('#options').getAttribute('open')) === null)
    await summary.click();
}

inBrowser('the choice of texts in a browser', ({ open }) => {
  const suite = useApp();

  for (const screen of SCREENS) {
    for (const javaScriptEnabled of [true, false]) {
      const how = `${screen.viewport.width} px wide, ${javaScriptEnabled ? 'with' : 'without'} scripts`;

      it(`goes from all texts to several of them, ${how}`, async () => {
        const page = await open(suite.url, { ...screen, javaScriptEnabled });
        await page.getByRole('searchbox', { name: 'Search for' }).fill('whale');
        await page.getByRole('button', { name: 'Search', exact: true }).click();
        await untilFound(page, '742 lines of all texts');
        expect(dictionariesIn(page)).to.deep.equal(['*']);
        expect(await page.locator('.by-text li').allTextContents()).to.deep.equal(
          ['devils-dictionary.txt 1\n', 'king-james-bible.txt 4\n', 'moby-dick 737\n'].map((text) => text.trim()),
        );
        await showOptions(page);
        await page.getByRole('link', { name: 'Several …' }).click();
        await page.locator('#texts[open]').waitFor();
        await page.getByLabel('devils-dictionary.txt').check();
        await page.getByLabel('king-james-bible.txt').check();
        if (!javaScriptEnabled) {
          await page.getByLabel('All texts').uncheck();
          await page.getByRole('button', { name: 'Search', exact: true }).click();
        }
        await untilFound(page, '5 lines of 2 texts');
        expect(dictionariesIn(page)).to.deep.equal(['devils-dictionary.txt', 'king-james-bible.txt']);
        const headings = await page.locator('h2.text a').allTextContents();
        expect(headings).to.deep.equal(['devils-dictionary.txt', 'king-james-bible.txt']);
        const width = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
        expect(width).to.equal(0);
      });
    }
  }

  it('keeps all texts and some of them apart', async () => {
    const page = await open(`${suite.url}/?term=whale&dictionary=*&texts=*`);
    const all = page.getByLabel('All texts');
    await page.getByLabel('moby-dick').check();
    expect(await all.isChecked()).to.equal(false);
    await untilFound(page, '737 lines of moby-dick');
    expect(await page.locator('#texts summary b').textContent()).to.equal('moby-dick');
    await all.check();
    await untilFound(page, '742 lines of all texts');
    expect(await page.getByLabel('moby-dick').isChecked()).to.equal(false);
    await all.click();
    expect(await all.isChecked()).to.equal(true);
    await page.goBack();
    await untilFound(page, '737 lines of moby-dick');
  });

  it('draws a random quote from the chosen texts', async () => {
    const page = await open(`${suite.url}/?term=whale&dictionary=devils-dictionary.txt&dictionary=moby-dick`);
    await page.getByRole('link', { name: 'Random quote' }).click();
    await untilFound(page, 'of 2 texts');
    expect(dictionariesIn(page)).to.deep.equal(['devils-dictionary.txt', 'moby-dick']);
  });
});

inBrowser('the choice of many texts in a browser', ({ open }) => {
  const suite = useFixtureApp();
  before(async () => {
    for (let number = 10; number < 60; number += 1) {
      await writeFile(join(suite.dictionaries, `book-${number}.txt`), `chapter ${number}\n`);
    }
  });

  it('filters the texts while typing, and keeps the chosen ones', async () => {
    const page = await open(`${suite.url}/?term=chapter&dictionary=book-10.txt`);
    await untilFound(page, '1 line of book-10.txt');
    await page.locator('#texts summary').click();
    await page.getByLabel('Filter the texts').pressSequentially('book-5');
    await page.getByLabel('book-59.txt').waitFor();
    expect(await page.locator('#texts [type=checkbox]').count()).to.equal(12);
    expect(await page.getByLabel('book-10.txt').isChecked()).to.equal(true);
    expect(new URL(page.url()).searchParams.has('texts')).to.equal(false);
    await page.getByLabel('book-59.txt').check();
    await untilFound(page, '2 lines of 2 texts');
    expect(dictionariesIn(page)).to.deep.equal(['book-10.txt', 'book-59.txt']);
    await page.keyboard.press('Escape');
    expect(await page.locator('#texts').getAttribute('open')).to.equal(null);
    expect(await page.evaluate('document.activeElement.localName')).to.equal('summary');
  });

  it('filters the texts without scripts', async () => {
    const page = await open(`${suite.url}/?term=chapter&dictionary=book-10.txt`, { javaScriptEnabled: false });
    await page.locator('#texts summary').click();
    await page.getByLabel('Filter the texts').fill('book-5?.txt');
    await page.getByRole('button', { name: 'Filter', exact: true }).click();
    await page.locator('#texts[open]').waitFor();
    expect(await page.locator('#texts [type=checkbox]').count()).to.equal(12);
    await page.getByLabel('book-59.txt').check();
    await page.getByRole('button', { name: 'Search', exact: true }).click();
    await untilFound(page, '2 lines of 2 texts');
  });
});
