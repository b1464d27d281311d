// The form of the search page: its labels, its options on a phone, and the history of its choices.
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { inBrowser } from '../helpers/browser.js';
import { useFixtureApp } from '../helpers/use-app.js';

const PHONE = { width: 390, height: 844 };

inBrowser('the search form in a browser', ({ open }) => {
  const suite = useFixtureApp();

  const select = (page: Page, name: string) => page.getByRole('combobox', { name, exact: true });
  const untilFound = (page: Page, text: string) => page.getByRole('status').filter({ hasText: text }).waitFor();
  const queryOf = (page: Page) => Object.fromEntries(new URL(page.url()).searchParams);
  const optionsOf = (page: Page, name: string) => select(page, name).locator('option').allTextContents();

  it('has labels that name each choice, and an accessible name for each field', async () => {
    const page = await open(`${suite.url}/?term=love`);
    expect(await optionsOf(page, 'Match')).to.deep.equal(['exact', 'whole word', 'regular expression', 'phrase']);
    expect(await optionsOf(page, 'Show')).to.deep.equal(['lines', 'paragraphs', 'in context']);
    expect(await select(page, 'Text').isVisible()).to.equal(true);
    for (const name of ['Context lines before', 'Context lines after']) {
      expect(await page.getByRole('spinbutton', { name }).inputValue()).to.equal('0');
    }
    expect(await page.getByText('Options').isVisible()).to.equal(false);
  });

  for (const javaScriptEnabled of [true, false]) {
    const how = javaScriptEnabled ? 'with' : 'without';

    it(`folds the options on a phone, ${how} scripts`, async () => {
      const page = await open(`${suite.url}/?term=love&syntax=word&dictionary=words.txt`, {
        viewport: PHONE,
        javaScriptEnabled,
      });
      expect((await page.getByRole('search').boundingBox())?.height).to.be.below(150);
      expect(await select(page, 'Match').isVisible()).to.equal(false);
      expect(await page.locator('#options > summary').textContent()).to.equal('Options words.txt, whole word');
      await page.getByText('Options').click();
      await select(page, 'Match').selectOption('exact');
      if (!javaScriptEnabled) await page.getByRole('button', { name: 'Search' }).click();
      await untilFound(page, '6 lines of words.txt');
      expect(await page.locator('#options > summary').textContent()).to.equal('Options words.txt');
    });

    it(`shows lines, paragraphs, or matches in context, ${how} scripts`, async () => {
      const page = await open(`${suite.url}/?term=love&dictionary=quotes.txt`, { javaScriptEnabled });
      const choose = async (shown: string) => {
        await select(page, 'Show').selectOption(shown);
        if (!javaScriptEnabled) await page.getByRole('button', { name: 'Search' }).click();
      };
      await choose('paragraphs');
      await untilFound(page, ' of quotes.txt');
      await page.waitForURL(/quote/);
      await choose('in context');
      await untilFound(page, ' in quotes.txt');
      expect(await page.locator('.kwic .match').count()).to.be.above(1);
      expect(await page.getByRole('spinbutton', { name: 'Context' }).inputValue()).to.equal('40');
      await page.getByRole('link', { name: 'Match', exact: true }).click();
      await page.locator('th.match[aria-sort]').waitFor();
      // The order of a concordance doesn't apply to lines.
      await choose('lines');
      await untilFound(page, ' of quotes.txt');
      expect(queryOf(page)).to.not.have.property('view');
      expect(await page.getByRole('alert').count()).to.equal(0);
      expect(await select(page, 'Show').inputValue()).to.equal('line');
    });
  }

  it('makes a history entry of each choice, even if its results never arrived', async () => {
    const page = await open(`${suite.url}/?term=love&dictionary=words.txt`);
    await page.route(/syntax=word/, async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      await route.continue().catch(() => {});
    });
    await select(page, 'Match').selectOption('whole word');
    await page.waitForRequest(/syntax=word/);
    await page.getByLabel('Ignore case').check();
    await page.waitForURL(/ignore_case=true/);
    await untilFound(page, '4 lines of words.txt');
    await page.goBack();
    await page.waitForURL(({ searchParams }) => !searchParams.has('ignore_case'));
    await untilFound(page, '2 lines of words.txt');
    expect(queryOf(page)).to.include({ syntax: 'word' });
    expect(await page.getByLabel('Ignore case').isChecked()).to.equal(false);
    await page.goBack();
    await untilFound(page, '6 lines of words.txt');
    expect(await select(page, 'Match').inputValue()).to.equal('literal');
  });

  it('makes one history entry of a choice, and another of what is typed after it', async () => {
    const page = await open(`${suite.url}/?term=one&dictionary=plain.txt`);
    await page.getByLabel('Ignore case').check();
    await page.waitForURL(/ignore_case/);
    await page.getByRole('searchbox').fill('love');
    await untilFound(page, '4 lines');
    await page.waitForURL(/term=love/);
    await page.goBack();
    await untilFound(page, '1 line of');
    expect(queryOf(page)).to.include({ term: 'one', ignore_case: 'true' });
    await page.goBack();
    await page.waitForURL(({ searchParams }) => !searchParams.has('ignore_case'));
    expect(queryOf(page)).to.include({ term: 'one' });
  });

  it('says after a while that it is searching, and can be cancelled', async () => {
    const page = await open(`${suite.url}/?term=one&dictionary=plain.txt`);
    await page.clock.install({ time: 0 });
    await page.clock.pauseAt(1_000);
    await page.route(/term=love/, () => {
      // No response.
    });
    const isAsked = page.waitForRequest(/term=love/);
    await page.getByRole('searchbox').fill('love');
    await page.getByRole('searchbox').press('Enter');
    await isAsked;
    await page.clock.runFor(250);
    expect(await page.getByText('Searching …').isVisible()).to.equal(false);
    await page.clock.runFor(60);
    expect(await page.getByText('Searching …').isVisible()).to.equal(true);
    await page.getByRole('button', { name: 'Cancel' }).click();
    expect(await page.getByText('Searching …').isVisible()).to.equal(false);
    await untilFound(page, '1 line of plain.txt');
    expect(await page.locator('[aria-busy]').count()).to.equal(0);
    expect(queryOf(page)).to.include({ term: 'one' });
  });
});
