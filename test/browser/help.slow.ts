// Help with searches: patterns to start from, corrections, and suggestions where nothing is found.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { expect } from 'chai';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { regexPatterns } from '../../src/http/pages/regex-patterns.js';
import { inBrowser } from '../helpers/browser.js';
import { useFixtureApp } from '../helpers/use-app.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const DESKTOP: BrowserContextOptions = { viewport: { width: 1280, height: 800 } };
const PHONE: BrowserContextOptions = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

const SIZES: [title: string, options: BrowserContextOptions][] = [
  ['desktop', DESKTOP],
  ['phone', PHONE],
];

inBrowser('help with searches', ({ open, expectErrors }) => {
  const suite = useFixtureApp();

  const address = (query: Record<string, string>) =>
    `${suite.url}/?${new URLSearchParams({ dictionary: 'plain.txt', ...query })}`;
  const term = (page: Page) => page.getByRole('searchbox');
  const patterns = (page: Page) => page.getByRole('dialog', { name: 'Patterns to start from' });
  const alert = (page: Page) => page.getByRole('alert');
  const untilFound = (page: Page, text: string) => page.getByRole('status').filter({ hasText: text }).waitFor();
  const queryOf = (page: Page) => Object.fromEntries(new URL(page.url()).searchParams);

  /** Opens the patterns. On a phone, the options are folded. */
  async function openPatterns(page: Page): Promise<void> {
    const button = page.getByRole('button', { name: 'Patterns' });
    if (!(await button.isVisible())) await page.getByText('Options').click();
    await button.click();
    await patterns(page).waitFor();
  }

  for (const [title, options] of SIZES) {
    for (const javaScriptEnabled of [true, false]) {
      const how = `${title}, ${javaScriptEnabled ? 'with' : 'without'} scripts`;

      it(`shows ten patterns to start from, and searches for one: ${how}`, async () => {
        const page = await open(address({}), { ...options, javaScriptEnabled });
        expect(await patterns(page).isVisible()).to.equal(false);
        await openPatterns(page);
        const links = patterns(page).getByRole('link');
        expect(await links.allTextContents()).to.deep.equal(regexPatterns.map(({ pattern }) => pattern));
        const { x = -1, width = 0 } = (await patterns(page).boundingBox()) ?? {};
        expect(x).to.be.at.least(0);
        expect(x + width).to.be.at.most(options.viewport?.width ?? 0);
        await links.filter({ hasText: '[0-9]+' }).click();
        await untilFound(page, 'No results: no line of plain.txt matches [0-9]+');
        expect(await term(page).inputValue()).to.equal('[0-9]+');
        expect(queryOf(page)).to.deep.equal({ term: '[0-9]+', syntax: 'regex', dictionary: 'plain.txt' });
        expect(await patterns(page).isVisible()).to.equal(false);
      });

      it(`shows why a term is invalid below it, and corrects it: ${how}`, async () => {
        expectErrors();
        const page = await open(address({ term: '\\w+? (?:love)', syntax: 'regex' }), {
          ...options,
          javaScriptEnabled,
        });
        expect(await term(page).getAttribute('aria-invalid')).to.equal('true');
        const described = page.locator(`#${await term(page).getAttribute('aria-describedby')}`);
        expect(await described.textContent()).to.include('+? at character 3 repeats a repetition');
        const [field, message] = [await term(page).boundingBox(), await described.boundingBox()];
        expect((message?.y ?? 0) - (field?.y ?? 0)).to.be.within(30, 60);
        await alert(page).getByRole('link', { name: '\\w+ (love)' }).click();
        await untilFound(page, '4 lines of plain.txt');
        expect(await term(page).inputValue()).to.equal('\\w+ (love)');
        expect(await term(page).getAttribute('aria-invalid')).to.equal('false');
        expect(await alert(page).count()).to.equal(0);
      });

      it(`suggests what finds something: ${how}`, async () => {
        const page = await open(address({ term: 't.*love' }), { ...options, javaScriptEnabled });
        const suggestions = page.getByRole('region', { name: 'Suggestions' });
        expect(await suggestions.getByRole('listitem').allTextContents()).to.deep.equal([
          'as a regular expression: 1 line',
        ]);
        await suggestions.getByRole('link').click();
        await untilFound(page, '1 line of plain.txt');
        expect(queryOf(page)).to.deep.equal({ term: 't.*love', syntax: 'regex', dictionary: 'plain.txt' });
      });
    }

    for (const colorScheme of ['light', 'dark'] as const) {
      it(`passes axe's accessibility checks: ${title}, ${colorScheme}`, async () => {
        expectErrors();
        const page = await open(address({ term: '(?:love)', syntax: 'regex' }), { ...options, colorScheme });
        await openPatterns(page);
        await page.evaluate(AXE);
        const { violations } = (await page.evaluate('axe.run()')) as AxeResults;
        expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)}`)).to.deep.equal([]);
      });
    }
  }

  it('keeps the other options of the form when a pattern is chosen', async () => {
    const page = await open(address({}));
    await page.getByLabel('Ignore case').check();
    await page.getByLabel('before').fill('1');
    await openPatterns(page);
    await patterns(page).getByRole('link', { name: 'colou?r' }).click();
    await page.waitForURL(/term=colou/);
    expect(queryOf(page)).to.include({ syntax: 'regex', ignore_case: 'true', n_before: '1' });
    expect(await page.evaluate('document.activeElement.name')).to.equal('term');
    await page.goBack();
    await page.waitForURL((url) => !url.search.includes('colou'));
  });

  it('closes the patterns with Escape, and focuses their button again', async () => {
    const page = await open(address({}));
    await openPatterns(page);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Escape');
    expect(await patterns(page).isVisible()).to.equal(false);
    expect(await page.evaluate('document.activeElement.textContent')).to.equal('Patterns');
  });

  it('shows and removes the problem as the user types', async () => {
    expectErrors();
    const page = await open(address({ syntax: 'regex' }));
    await term(page).fill('(lo');
    await alert(page).filter({ hasText: 'Unmatched (' }).waitFor();
    expect(await term(page).getAttribute('aria-invalid')).to.equal('true');
    expect(await page.locator('#term-problem').getByRole('link').textContent()).to.equal('\\(lo');
    await term(page).fill('(lo)ve');
    await untilFound(page, '4 lines');
    expect(await term(page).getAttribute('aria-invalid')).to.equal('false');
    expect(await page.locator('#term-problem').innerHTML()).to.equal('');
    // Without a response, the term is not to blame.
    await term(page).fill('(lo');
    await alert(page).filter({ hasText: 'Unmatched (' }).waitFor();
    await page.route(/term=gone/, (route) => route.abort());
    await term(page).fill('gone');
    await alert(page).filter({ hasText: 'grepd is unreachable' }).waitFor();
    expect(await alert(page).count()).to.equal(1);
    expect(await term(page).getAttribute('aria-invalid')).to.equal('false');
  });
});
