// From a page that can't be shown to one that can.
import { expect } from 'chai';
import { inBrowser } from '../helpers/browser.js';
import { useApp } from '../helpers/use-app.js';
import { warmSuggestions } from '../helpers/warm-suggestions.js';

inBrowser('the failure page in a browser', ({ open, expectErrors }) => {
  const suite = useApp();
  before(() => warmSuggestions(suite.url));
  // Chromium logs the 404.
  beforeEach(expectErrors);

  for (const [title, options] of [
    ['a desktop', { viewport: { width: 1280, height: 800 }, colorScheme: 'light' }],
    ['a phone', { viewport: { width: 390, height: 844 }, colorScheme: 'dark' }],
    ['a browser without scripts', { javaScriptEnabled: false }],
  ] as const) {
    it(`leads to the text that was meant, on ${title}`, async () => {
      const page = await open(`${suite.url}/d/Devils-Dictionary`, options);
      await page.getByRole('alert').getByRole('link', { name: 'devils-dictionary.txt' }).click();
      await page.waitForURL(`${suite.url}/d/devils-dictionary.txt`);
    });

    it(`has a search box, on ${title}`, async () => {
      const page = await open(`${suite.url}/nope`, options);
      await page.getByRole('searchbox').fill('love');
      await page.getByRole('button', { name: 'Search' }).click();
      await page.waitForURL(`${suite.url}/?term=love`);
      expect(await page.locator('mark').count()).to.be.above(0);
    });
  }

  it('leads to the same search in the text that was meant', async () => {
    const page = await open(`${suite.url}/?term=whale&dictionary=moby-dik`);
    await page.getByRole('alert').getByRole('link', { name: 'moby-dick' }).click();
    await page.getByRole('status').filter({ hasText: '737 lines of moby-dick' }).waitFor();
  });
});
