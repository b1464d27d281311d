// The search page by keyboard: the skip link, the plot, and the keys for the results.
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { inBrowser } from '../helpers/browser.js';
import { useFixtureApp } from '../helpers/use-app.js';

inBrowser('the keyboard on the search page', ({ open }) => {
  const suite = useFixtureApp();

  const focused = (page: Page) =>
    page.evaluate(
      'document.activeElement.id || document.activeElement.name || document.activeElement.textContent.trim()',
    );
  const press = async (page: Page, ...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const current = (page: Page) => page.locator('#results [aria-current] blockquote').allTextContents();

  it('skips to the results with the first link', async () => {
    const page = await open(`${suite.url}/?term=love&dictionary=plain.txt`);
    await press(page, 'Tab');
    expect(await focused(page)).to.equal('Skip to the results');
    await press(page, 'Enter');
    expect(await focused(page)).to.equal('count');
    expect(new URL(page.url()).search).to.equal('?term=love&dictionary=plain.txt');
    const text = await open(`${suite.url}/d/plain.txt`);
    await press(text, 'Tab', 'Enter', 'Tab');
    expect(await focused(text)).to.equal('Texts');
    expect(await text.evaluate('document.activeElement.closest("main") !== null')).to.equal(true);
  });

  for (const dictionary of ['plain.txt', 'folder']) {
    it(`has one tab stop for the plot: ${dictionary}`, async () => {
      const page = await open(`${suite.url}/?term=love&dictionary=${dictionary}`);
      const inPlot = () => page.evaluate('document.activeElement.closest(".plot") !== null');
      await page.locator('#count').focus();
      // The downloads, and the plot.
      await press(page, 'Tab', 'Tab', 'Tab');
      expect(await focused(page)).to.equal('Positions of the matches');
      await press(page, 'Tab');
      expect(await inPlot()).to.equal(false);
      expect(await page.evaluate('document.activeElement.closest(".entries > li") !== null')).to.equal(true);
      await press(page, 'Shift+Tab');
      await press(page, 'Enter');
      expect(await page.locator('.plot').getAttribute('open')).to.equal(null);
      await press(page, 'ArrowDown');
      expect(await focused(page)).to.equal('Positions of the matches');
    });
  }

  it('moves through the rows of the plot and their marks with arrow keys', async () => {
    const page = await open(`${suite.url}/?term=love&dictionary=folder`);
    await page.locator('.plot summary').focus();
    await press(page, 'ArrowDown');
    expect(await focused(page)).to.equal('Sort by count');
    await press(page, 'ArrowDown', 'ArrowDown');
    const names = await page.locator('.strips a[dir]').allTextContents();
    expect(await focused(page)).to.equal(names[1]);
    await press(page, 'ArrowRight');
    expect(await focused(page)).to.match(/^line \d+$/);
    expect(await page.evaluate('document.activeElement.closest("svg").ariaHidden')).to.equal(null);
    await press(page, 'ArrowLeft', 'ArrowUp');
    expect(await focused(page)).to.equal(names[0]);
    expect(await page.locator('.strip:not([aria-hidden])').count()).to.equal(0);
    await press(page, 'End');
    expect(await focused(page)).to.equal(names.at(-1));
    // The plot remembers where the keyboard was.
    await press(page, 'Tab', 'Shift+Tab');
    expect(await focused(page)).to.equal(names.at(-1));
    await press(page, 'ArrowRight', 'Enter');
    await page.locator('.lines [aria-current]', { hasText: 'love' }).waitFor();
  });

  it('sorts the plot by count, for the next search as well, and back', async () => {
    const page = await open(`${suite.url}/?term=love&dictionary=folder`);
    const counts = async () => (await page.locator('.strips li > span').allTextContents()).map(Number);
    const byText = await counts();
    const byCount = byText.toSorted((a, b) => b - a);
    expect(byCount).to.not.deep.equal(byText);
    const button = page.getByRole('button', { name: 'Sort by count' });
    await button.click();
    expect(await counts()).to.deep.equal(byCount);
    expect(await button.getAttribute('aria-pressed')).to.equal('true');
    await page.getByLabel('Ignore case').check();
    await page.waitForURL(/ignore_case/);
    expect(await button.getAttribute('aria-pressed')).to.equal('true');
    await button.click();
    await page.getByLabel('Ignore case').uncheck();
    await page.waitForURL(({ searchParams }) => !searchParams.has('ignore_case'));
    expect(await counts()).to.deep.equal(byText);
  });

  it('keeps the plot closed while searching', async () => {
    const page = await open(`${suite.url}/?term=love&dictionary=folder`);
    await page.locator('.plot summary').click();
    await page.getByRole('searchbox').fill('a2');
    await page.getByRole('status').filter({ hasText: '1 line of folder' }).waitFor();
    expect(await page.locator('.strips').isVisible()).to.equal(false);
  });

  it('moves through the results with j and k, and opens one with Enter', async () => {
    const page = await open(`${suite.url}/?term=love&dictionary=plain.txt`);
    await press(page, 'j');
    expect(await current(page)).to.deep.equal(['two love']);
    await press(page, 'j', 'j', 'k');
    expect(await current(page)).to.deep.equal(['four love']);
    await press(page, 'Enter');
    await page.locator('.lines [aria-current]', { hasText: 'four love' }).waitFor();
    const concordance = await open(`${suite.url}/?term=love&dictionary=plain.txt&view=kwic`);
    await press(concordance, 'j', 'j');
    expect(await concordance.locator('[aria-current=true] .left').textContent()).to.equal('four ');
  });

  it('goes beyond the last result to the next page', async () => {
    const page = await open(`${suite.url}/?term=love&dictionary=plain.txt&nresults=2`);
    await press(page, 'j', 'j', 'j', 'Enter');
    await page.getByText('3 to 4 of 4').waitFor();
    await press(page, 'j');
    expect(await current(page)).to.deep.equal(['five love']);
  });

  it('types the same characters into a field', async () => {
    const page = await open(`${suite.url}/?term=love`);
    await press(page, '/');
    expect(await focused(page)).to.equal('term');
    await page.keyboard.type('j/k?');
    expect(await page.getByRole('searchbox').inputValue()).to.equal('j/k?');
    expect(await page.getByRole('dialog').count()).to.equal(0);
  });

  it('lists the keys, which can be turned off for good', async () => {
    const page = await open(`${suite.url}/?term=love`);
    await press(page, '?');
    const dialog = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await dialog.waitFor();
    await press(page, 'j');
    expect(await page.locator('#results [aria-current]').count()).to.equal(0);
    await dialog.getByLabel('Use single-character shortcuts').uncheck();
    await press(page, 'Escape');
    await press(page, '?', 'j');
    expect(await dialog.isVisible()).to.equal(false);
    await page.reload();
    await press(page, '?');
    expect(await dialog.isVisible()).to.equal(false);
    await page.getByRole('button', { name: 'Keyboard shortcuts' }).click();
    await dialog.getByLabel('Use single-character shortcuts').check();
    await dialog.getByRole('button', { name: 'Close' }).click();
    await press(page, '?');
    expect(await dialog.isVisible()).to.equal(true);
  });
});
