// The views of a search and its further conditions in real use.
import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { inBrowser } from '../helpers/browser.js';
import { useFixtureApp } from '../helpers/use-app.js';

inBrowser('the views of a search in a browser', ({ open, expectErrors }) => {
  const suite = useFixtureApp();

  const field = (page: Page, name: string) => page.getByRole('textbox', { name, exact: true });
  const view = (page: Page, name: string) =>
    page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name, exact: true });
  const untilFound = (page: Page, text: string) => page.getByRole('status').filter({ hasText: text }).waitFor();
  const entries = (page: Page) => page.locator('blockquote').allTextContents();
  const cells = (page: Page, selector: string) => page.locator(`tbody ${selector}`).allTextContents();
  const queryOf = (page: Page) => Object.fromEntries(new URL(page.url()).searchParams);

  for (const javaScriptEnabled of [true, false]) {
    const how = javaScriptEnabled ? 'with' : 'without';

    it(`shows all views of a query, ${how} scripts`, async () => {
      const page = await open(`${suite.url}/?term=love&dictionary=folder&n_before=1`, { javaScriptEnabled });
      await untilFound(page, '7 lines of folder');
      await view(page, 'In context').click();
      await untilFound(page, ' occurrences in folder');
      expect(queryOf(page)).to.deep.equal({ term: 'love', dictionary: 'folder', n_before: '1', view: 'kwic' });
      expect(new Set(await cells(page, '.match'))).to.deep.equal(new Set(['love']));
      await page.getByRole('columnheader', { name: 'Right' }).getByRole('link').click();
      await page.locator('th.right[aria-sort]').waitFor();
      expect(queryOf(page)).to.include({ view: 'kwic', order: 'right' });
      await view(page, 'Frequencies').click();
      await untilFound(page, '1 distinct match in folder');
      await view(page, 'Counts').click();
      await untilFound(page, '7 lines of folder with ');
      expect(await page.locator('.strip').count()).to.equal(4);
      expect((await cells(page, 'th')).length).to.equal(4);
      await view(page, 'List').click();
      await page.locator('blockquote').first().waitFor();
      expect(queryOf(page)).to.deep.equal({ term: 'love', dictionary: 'folder' });
    });

    it(`stays in the view when the form is submitted, ${how} scripts`, async () => {
      const page = await open(`${suite.url}/?term=love&dictionary=words.txt&view=kwic&order=left`, {
        javaScriptEnabled,
      });
      await page.getByLabel('Context', { exact: true }).fill('5');
      await page.getByRole('searchbox').fill('lov');
      await page.getByRole('searchbox').press('Enter');
      await page.waitForURL(/term=lov&/);
      await page.locator('.match', { hasText: /^lov$/ }).first().waitFor();
      expect(queryOf(page)).to.include({ order: 'left', width: '5' });
      // Without scripts, the form's choice is in the URL as such.
      expect(queryOf(page)).to.include(javaScriptEnabled ? { view: 'kwic' } : { show: 'kwic' });
      expect(await page.getByRole('combobox', { name: 'Show' }).inputValue()).to.equal('kwic');
    });

    it(`combines conditions, ${how} scripts`, async () => {
      const page = await open(`${suite.url}/?dictionary=plain.txt`, { javaScriptEnabled });
      expect(await field(page, 'Also').isVisible()).to.equal(false);
      await page.getByText('More conditions').click();
      await field(page, 'Any of').fill('two, four, five');
      await field(page, 'But not').fill('five');
      await page.getByRole('button', { name: 'Search' }).click();
      await untilFound(page, '2 lines of plain.txt');
      expect(await entries(page)).to.deep.equal(['two love', 'four love']);
      expect(await page.locator('mark').allTextContents()).to.deep.equal(['two', 'four']);
      expect(queryOf(page)).to.include({ any_of: 'two, four, five', none_of: 'five' });
      expect(await page.title()).to.include('four');
      await page.getByText('The same as a curl command').click();
      expect(await page.locator('.curl code').textContent()).to.include('"any_of":["two","four","five"]');
      const other = await open(page.url());
      expect(await field(other, 'Any of').inputValue()).to.equal('two, four, five');
    });
  }

  it('searches as the user types a condition, and keeps the conditions open', async () => {
    const page = await open(`${suite.url}/?term=love`);
    await untilFound(page, '4 lines');
    await page.getByText('More conditions').click();
    await field(page, 'Also').pressSequentially('four');
    await untilFound(page, '1 line of plain.txt');
    expect(await field(page, 'Also').isVisible()).to.equal(true);
    await field(page, 'Only in files').fill('nothing*');
    await untilFound(page, 'No results: no line of plain.txt meets all conditions');
    await page.goBack();
    await untilFound(page, '4 lines');
    expect(await field(page, 'Also').inputValue()).to.equal('');
  });

  it('goes back and forward through the views, with their options in the form', async () => {
    const page = await open(`${suite.url}/?term=love&dictionary=plain.txt&any_of=love`);
    const details = page.locator('#conditions');
    await view(page, 'Frequencies').click();
    await page.locator('[name=by]').selectOption('words on the left');
    await untilFound(page, '4 distinct words to the left of the matches');
    await page.getByLabel('Merge case').check();
    await page.waitForURL(/fold_case=true/);
    for (const left of ['fold_case', 'by', 'view']) {
      await page.goBack();
      await page.waitForURL(({ searchParams }) => !searchParams.has(left));
    }
    await page.getByLabel('Context lines before').waitFor();
    expect(await page.getByLabel('Merge case').count()).to.equal(0);
    for (let times = 0; times < 3; times += 1) await page.goForward();
    await page.waitForURL(/fold_case=true/);
    await untilFound(page, '4 distinct words to the left of the matches');
    expect(await page.locator('[name=by]').inputValue()).to.equal('left');
    expect(await details.getAttribute('open')).to.equal('');
    expect(await field(page, 'Any of').inputValue()).to.equal('love');
  });

  it('shows conditions that apply, even if they were closed', async () => {
    const page = await open(`${suite.url}/?all_of=love`);
    await untilFound(page, '4 lines');
    await page.getByRole('link', { name: 'grepd' }).click();
    await page.getByText('Type a word to search').waitFor();
    expect(await field(page, 'Also').inputValue()).to.equal('');
    await page.getByText('More conditions').click();
    expect(await field(page, 'Also').isVisible()).to.equal(false);
    await page.goBack();
    await untilFound(page, '4 lines');
    expect(await field(page, 'Also').isVisible()).to.equal(true);
    expect(await field(page, 'Also').inputValue()).to.equal('love');
  });

  it('moves the focus from a view to the count', async () => {
    const page = await open(`${suite.url}/?term=love&dictionary=words.txt`);
    await view(page, 'In context').focus();
    await page.keyboard.press('Enter');
    await untilFound(page, 'occurrences in words.txt');
    expect(await page.evaluate('document.activeElement.id')).to.equal('count');
    expect(await view(page, 'In context').getAttribute('aria-current')).to.equal('page');
  });

  it('shows an error that only one view has, and links to the others', async () => {
    expectErrors();
    const page = await open(`${suite.url}/?none_of=love`);
    await untilFound(page, '5 lines of plain.txt');
    await view(page, 'Frequencies').click();
    await page.getByRole('alert').filter({ hasText: 'requires "term", "all_of" or "any_of"' }).waitFor();
    await view(page, 'Counts').click();
    await untilFound(page, '5 lines of plain.txt with 0 occurrences');
  });

  it('aligns the matches of a concordance', async () => {
    const page = await open(`${suite.url}/?term=lo[a-z]*&syntax=regex&dictionary=folder&view=kwic`);
    await page.locator('.match mark').first().waitFor();
    const centers = (await page.evaluate(
      '[...document.querySelectorAll("td.match")].map((cell) => { const { left, right } = cell.getBoundingClientRect(); return Math.round(left + right); })',
    )) as number[];
    expect(new Set(centers).size).to.equal(1);
    const isRightAligned = await page.evaluate(
      '[...document.querySelectorAll("td.left")].every((cell) => getComputedStyle(cell).textAlign === "end")',
    );
    expect(isRightAligned).to.equal(true);
    await page.locator('td.file a').first().click();
    await page.locator('[aria-current]', { hasText: 'love' }).waitFor();
  });

  it('links a frequency to its occurrences, and a count to its file', async () => {
    const page = await open(`${suite.url}/?term=lov[a-z]*&syntax=regex&dictionary=words.txt&view=frequencies`);
    await page.getByRole('link', { name: 'love', exact: true }).click();
    await untilFound(page, '6 lines of words.txt');
    expect(queryOf(page)).to.deep.equal({ term: 'love', dictionary: 'words.txt' });
    const counts = await open(`${suite.url}/?term=love&dictionary=folder&view=count`);
    await counts.getByRole('table').getByRole('link', { name: 'a/z.txt' }).click();
    await untilFound(counts, ' of folder/a/z.txt');
  });

  it('downloads all results', async () => {
    const page = await open(`${suite.url}/?term=love&dictionary=plain.txt&nresults=1`);
    for (const [name, file, lines] of [
      ['Download CSV', 'grepd-search.csv', 5],
      ['Download JSON lines', 'grepd-search.ndjson', 5],
    ] as const) {
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name }).click()]);
      expect(download.suggestedFilename()).to.equal(file);
      const text = await readFile(await download.path(), 'utf8');
      expect(text.trim().split('\n')).to.have.length(lines);
      expect(text).to.include('nine love');
    }
  });
});
