// The start page: examples that find something, the texts, and how to add one's own.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { inBrowser } from '../helpers/browser.js';
import { useApp, useFixtureApp } from '../helpers/use-app.js';

const SCREENS = [
  { viewport: { width: 1280, height: 800 }, colorScheme: 'light' },
  { viewport: { width: 390, height: 844 }, colorScheme: 'dark' },
] as const;

inBrowser('the start page in a browser', ({ open }) => {
  const suite = useApp();

  for (const screen of SCREENS) {
    for (const javaScriptEnabled of [true, false]) {
      const how = javaScriptEnabled ? 'with' : 'without';

      it(`has three examples that find something, ${screen.viewport.width} px wide, ${how} scripts`, async () => {
        const page = await open(suite.url, { ...screen, javaScriptEnabled });
        const examples = page.locator('.examples a');
        expect(await examples.count()).to.equal(3);
        for (const index of [0, 1, 2]) {
          const word = await examples.nth(index).locator('b').textContent();
          await examples.nth(index).click();
          await page.getByRole('status').filter({ hasText: ' in ' }).waitFor();
          expect(await page.getByRole('status').textContent()).to.match(/^[\d,]+ /);
          expect((await page.locator('mark, tbody th').first().textContent())?.startsWith(word ?? '?')).to.equal(true);
          await page.goBack();
          await page.getByText('Type a word to search').waitFor();
        }
      });
    }
  }

  it('lists the texts with their sizes', async () => {
    const page = await open(suite.url);
    expect(await page.locator('.texts li').allTextContents()).to.deep.equal([
      'devils-dictionary.txt 380 kB',
      'king-james-bible.txt 4.4 MB',
      'moby-dick 138 files, 1.2 MB',
    ]);
    await page.getByText('put files or folders of files into the dictionaries folder').waitFor();
    await page.getByRole('link', { name: 'moby-dick', exact: true }).click();
    await page.waitForURL(/\/d\/moby-dick$/);
  });
});

inBrowser('the start page with many texts', ({ open }) => {
  const suite = useFixtureApp();

  it('lists the first thirty, and links to all', async () => {
    await mkdir(join(suite.dictionaries, '-0'), { recursive: true });
    for (let number = 0; number < 40; number += 1) {
      await writeFile(join(suite.dictionaries, `-${number + 10}.txt`), 'love\n');
    }
    const page = await open(suite.url);
    expect(await page.locator('.texts li').count()).to.equal(30);
    await page.getByRole('link', { name: /^All \d+ texts$/ }).click();
    await page.waitForURL(/\/d$/);
  });
});
