// The accessibility of the search page in states that only its scripts reach.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { inBrowser } from '../helpers/browser.js';
import { useApp } from '../helpers/use-app.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const STATES: Record<string, (page: Page) => Promise<void>> = {
  'the dialog of keys': async (page) => {
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
  },
  'a mark with the focus': async (page) => {
    await page.locator('.plot summary').focus();
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowRight']) await page.keyboard.press(key);
    await page.locator('.strip a:focus').waitFor();
  },
  'a current result': async (page) => {
    await page.keyboard.press('j');
    await page.locator('.entries > li[aria-current]').waitFor();
  },
  'a search that takes long': async (page) => {
    await page.route(/term=ship/, () => {
      // No response.
    });
    await page.getByRole('searchbox').fill('ship');
    await page.getByRole('button', { name: 'Cancel' }).waitFor();
    // The results have faded.
    await page.evaluate('Promise.all(document.getAnimations().map(({ finished }) => finished))');
  },
  'open options': async (page) => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.getByText('Options').click();
    await page.getByText('More conditions').click();
  },
};

inBrowser('the states of the search page in a browser', ({ open }) => {
  const suite = useApp();

  for (const [title, enter] of Object.entries(STATES)) {
    for (const colorScheme of ['light', 'dark'] as const) {
      it(`pass axe's accessibility checks: ${title}, ${colorScheme}`, async () => {
        const page = await open(`${suite.url}/?term=whale&dictionary=moby-dick&nresults=5`, { colorScheme });
        await enter(page);
        await page.evaluate(AXE);
        const { violations } = (await page.evaluate('axe.run()')) as AxeResults;
        const found = violations.map(({ id, nodes }) => ({ id, where: nodes.map(({ html }) => html) }));
        expect(found, JSON.stringify(found, undefined, 2)).to.deep.equal([]);
      });
    }
  }
});
