// The search page in real use: typing, history, links, clipboard and keyboard.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { inBrowser } from '../helpers/browser.js';
import { useFixtureApp } from '../helpers/use-app.js';

/** How long the page waits after a keystroke before it searches. */
const DEBOUNCE_MS = 150;

inBrowser('the search page in a browser', ({ open, expectErrors }) => {
  const suite = useFixtureApp();
  before(async () => {
    const lines = Array.from({ length: 45 }, (_, at) => `line ${at + 1}\n`).join('');
    await writeFile(join(suite.dictionaries, 'many.txt'), lines);
  });

  const term = (page: Page) => page.getByRole('searchbox');
  const dictionary = (page: Page) => page.getByRole('combobox', { name: 'Text', exact: true });
  const count = (page: Page) => page.getByRole('status');
  const entries = (page: Page) => page.locator('blockquote').allTextContents();
  /** Waits until the count of results contains a text. */
  const untilFound = (page: Page, text: string) => count(page).filter({ hasText: text }).waitFor();
  /** Waits for the requested line. The page's policy doesn't let waitForFunction evaluate text. */
  async function untilCurrentIsInSight(page: Page): Promise<void> {
    const isInSight =
      '(({ top, bottom }) => top >= 0 && bottom <= innerHeight)(document.querySelector("[aria-current]").getBoundingClientRect())';
    while (!(await page.evaluate(isInSight))) await page.waitForTimeout(20);
  }
  const queryOf = (page: Page) => Object.fromEntries(new URL(page.url()).searchParams);
  async function search(page: Page, text: string, found: string): Promise<void> {
    await term(page).fill(text);
    await term(page).press('Enter');
    await untilFound(page, found);
  }

  it('searches as the user types, after a pause, and puts the query into the URL', async () => {
    const page = await open(`${suite.url}/?dictionary=plain.txt`);
    await page.clock.install();
    const searches: string[] = [];
    page.on('request', (request) => {
      const { pathname, search } = new URL(request.url());
      if (pathname === '/') searches.push(search);
    });
    await term(page).pressSequentially('love');
    await page.clock.runFor(DEBOUNCE_MS - 1);
    expect(searches).to.deep.equal([]);
    await page.clock.runFor(1);
    await untilFound(page, '4 lines of plain.txt');
    expect(searches).to.deep.equal(['?term=love&dictionary=plain.txt']);
    expect(await entries(page)).to.deep.equal(['two love', 'four love', 'five love', 'nine love']);
    expect(await page.locator('mark').allTextContents()).to.deep.equal(Array(4).fill('love'));
    expect(queryOf(page)).to.deep.equal({ term: 'love', dictionary: 'plain.txt' });
    expect(await page.title()).to.include('love');
  });

  it('searches again when an option changes', async () => {
    const page = await open(`${suite.url}/?dictionary=plain.txt`);
    await dictionary(page).selectOption('words.txt');
    await search(page, 'love', '6 lines');
    await page.getByRole('combobox', { name: 'Match' }).selectOption('whole word');
    await untilFound(page, '2 lines of words.txt');
    await page.getByLabel('Ignore case').check();
    await untilFound(page, '4 lines of words.txt');
    await page.getByLabel('Context lines before').fill('1');
    await page.locator('.context').first().waitFor();
    expect(queryOf(page)).to.deep.equal({
      term: 'love',
      dictionary: 'words.txt',
      syntax: 'word',
      ignore_case: 'true',
      n_before: '1',
    });
    await page.getByRole('combobox', { name: 'Show' }).selectOption('paragraphs');
    await untilFound(page, '1 paragraph of words.txt');
  });

  it('shows the latest query, whichever response arrives last', async () => {
    const page = await open(`${suite.url}/?dictionary=plain.txt`);
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await page.route(/term=one/, async (route) => {
      const response = await route.fetch();
      await held;
      // The page has cancelled the request.
      await route.fulfill({ response }).catch(() => {});
    });
    const isAsked = page.waitForRequest(/term=one/);
    await term(page).fill('one');
    await term(page).press('Enter');
    await isAsked;
    await search(page, 'love', '4 lines');
    release();
    await page.unrouteAll({ behavior: 'wait' });
    expect(await entries(page)).to.have.length(4);
    expect(queryOf(page)).to.include({ term: 'love' });
  });

  it('keeps what is typed while a link loads', async () => {
    const page = await open(`${suite.url}/?term=line&dictionary=many.txt`);
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await page.route(/offset=20/, async (route) => {
      const response = await route.fetch();
      await held;
      await route.fulfill({ response }).catch(() => {});
    });
    const isAsked = page.waitForRequest(/offset=20/);
    await page.getByText('Next 20').click();
    await isAsked;
    await term(page).press('End');
    await term(page).pressSequentially(' 4');
    release();
    await page.unrouteAll({ behavior: 'wait' });
    await page.waitForURL(/term=line\+4/);
    await count(page).filter({ hasText: '7 lines of many.txt' }).waitFor();
    expect(await term(page).inputValue()).to.equal('line 4');
  });

  it('shows the same results for a shared URL', async () => {
    const page = await open(`${suite.url}/?dictionary=plain.txt`);
    await dictionary(page).selectOption('folder');
    await page.getByLabel('Ignore case').check();
    await search(page, 'LOVE', '7 lines of folder');
    const other = await open(page.url());
    expect(await entries(other)).to.deep.equal(await entries(page));
    expect(await term(other).inputValue()).to.equal('LOVE');
    expect(await dictionary(other).inputValue()).to.equal('folder');
    expect(await other.getByLabel('Ignore case').isChecked()).to.equal(true);
  });

  it('goes back and forward through the queries', async () => {
    const page = await open(`${suite.url}/?dictionary=plain.txt`);
    await search(page, 'one', '1 line ');
    await dictionary(page).selectOption('words.txt');
    await untilFound(page, 'words.txt');
    await search(page, 'love', '6 lines');
    await page.goBack();
    await untilFound(page, 'contains one');
    expect(await term(page).inputValue()).to.equal('one');
    await page.goBack();
    await untilFound(page, '1 line of plain.txt');
    expect(await dictionary(page).inputValue()).to.equal('plain.txt');
    await page.goForward();
    await page.goForward();
    await untilFound(page, '6 lines of words.txt');
    expect(await term(page).inputValue()).to.equal('love');
    await page.goBack();
    await page.goBack();
    await page.goBack();
    await page.getByText('Type a word to search').waitFor();
    expect(await term(page).inputValue()).to.equal('');
  });

  it('makes one history entry of what is typed without a pause', async () => {
    const page = await open(`${suite.url}/?term=one`);
    await term(page).fill('lo');
    await untilFound(page, '4 lines');
    await term(page).fill('love');
    await page.waitForURL(/term=love/);
    await page.goBack();
    await untilFound(page, '1 line of plain.txt');
    expect(queryOf(page)).to.deep.equal({ term: 'one' });
  });

  it('pages forward and back', async () => {
    const page = await open(`${suite.url}/?term=line&dictionary=many.txt`);
    const paging = page.getByRole('navigation', { name: 'Paging' });
    await paging.getByText('Next 20').click();
    await page.getByText('21 to 40 of 45').waitFor();
    expect((await entries(page))[0]).to.equal('line 21');
    expect(await page.evaluate('scrollY')).to.equal(0);
    await paging.getByText('Next 5').click();
    await page.getByText('41 to 45 of 45').waitFor();
    await paging.getByText('Previous').click();
    await page.getByText('21 to 40 of 45').waitFor();
    await page.goBack();
    await page.getByText('41 to 45 of 45').waitFor();
    await page.goBack();
    await page.getByText('21 to 40 of 45').waitFor();
    // The previous scroll position.
    expect(await page.evaluate('scrollY')).to.be.above(500);
    await search(page, '5', 'of many.txt');
    await page.waitForURL(/term=5/);
    expect(queryOf(page)).to.deep.equal({ term: '5', dictionary: 'many.txt' });
  });

  it('shows an error, and recovers when the query is corrected', async () => {
    expectErrors();
    const page = await open(`${suite.url}/?dictionary=plain.txt`);
    await page.getByRole('combobox', { name: 'Match' }).selectOption('regular expression');
    await term(page).fill('(lo');
    await term(page).press('Enter');
    await page.getByRole('alert').filter({ hasText: 'Unmatched (' }).waitFor();
    await search(page, '(lo)ve', '4 lines');
    expect(await page.getByRole('alert').count()).to.equal(0);
    await search(page, 'LOVE', 'No results: no line of plain.txt matches LOVE');
    await page.getByRole('link', { name: 'ignoring case' }).click();
    await page.waitForURL(/ignore_case=true/);
    expect(await page.getByLabel('Ignore case').isChecked()).to.equal(true);
  });

  it('shows an error without a response, or with a JSON one', async () => {
    expectErrors();
    const page = await open(`${suite.url}/?dictionary=plain.txt`);
    await page.route(/term=gone/, (route) => route.abort());
    await term(page).fill('gone');
    await page.getByRole('alert').filter({ hasText: 'grepd is unreachable' }).waitFor();
    const busy = { status: 503, contentType: 'application/json', body: '{"Code":503,"message":"Shutting down."}' };
    await page.route(/term=busy/, (route) => route.fulfill(busy));
    await term(page).fill('busy');
    await page.getByRole('alert').filter({ hasText: 'Shutting down.' }).waitFor();
    await page.evaluate("document.querySelector('#random').href = '/random?dictionary=nope'");
    await page.getByRole('link', { name: 'Random quote' }).click();
    await page.getByRole('alert').filter({ hasText: 'There is no dictionary named "nope".' }).waitFor();
    await search(page, 'love', '4 lines');
  });

  it('reloads the page if Back gets no response', async () => {
    expectErrors();
    const page = await open(`${suite.url}/?dictionary=plain.txt`);
    await search(page, 'one', '1 line ');
    await search(page, 'love', '4 lines');
    const busy = { status: 503, contentType: 'application/json', body: '{"Code":503,"message":"Shutting down."}' };
    await page.route(/term=one/, (route) => route.fulfill(busy), { times: 1 });
    await page.goBack();
    await untilFound(page, '1 line of plain.txt');
    expect(await term(page).inputValue()).to.equal('one');
    expect(queryOf(page)).to.include({ term: 'one' });
  });

  it('copies a quote, and the curl command', async () => {
    const page = await open(`${suite.url}/?term=love&dictionary=plain.txt&n_before=1`, {
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const clipboard = () => page.evaluate('navigator.clipboard.readText()');
    await page.getByRole('button', { name: 'Copy' }).nth(1).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    expect(await clipboard()).to.equal('three\nfour love\n— plain.txt, line 4');
    await page.getByText('The same as a curl command').click();
    await page.locator('.curl').getByRole('button', { name: 'Copy' }).click();
    await page.locator('.curl').getByRole('button', { name: 'Copied' }).waitFor();
    expect(await clipboard()).to.match(/^curl -H 'Content-Type.*"n_before":1.*api\/v1\/json'$/);
  });

  it('selects a quote if the clipboard is not available', async () => {
    const page = await open(`${suite.url}/?term=love`);
    await page.evaluate('Object.defineProperty(navigator, "clipboard", { value: undefined })');
    await page.getByRole('button', { name: 'Copy' }).first().click();
    await page.getByRole('button', { name: 'Selected: copy it now' }).waitFor();
    expect(await page.evaluate('String(getSelection())')).to.equal('two love');
  });

  it('shows random quotes, with URLs that can be shared and gone back to', async () => {
    const page = await open(`${suite.url}/?dictionary=quotes.txt`);
    await page.getByRole('link', { name: 'Random quote' }).click();
    await untilFound(page, 'One of 4 paragraphs of quotes.txt');
    const [first] = await entries(page);
    const address = page.url();
    expect(queryOf(page)).to.include({ dictionary: 'quotes.txt', unit: 'quote', order: 'random' });
    await page.getByRole('link', { name: 'Random quote' }).click();
    await page.waitForURL((url) => url.href !== address);
    await page.goBack();
    await page.waitForURL(address);
    await page.locator('blockquote', { hasText: first?.split('\n')[0] ?? '' }).waitFor();
    expect(await entries(await open(address))).to.deep.equal([first]);
  });

  it('plots the positions of the matches, with text and links', async () => {
    const page = await open(`${suite.url}/?term=line 40&dictionary=many.txt`);
    const mark = page.locator('.strip a');
    expect(await mark.locator('title').textContent()).to.equal('line 40');
    const { x = 0, width = 0 } = (await mark.boundingBox()) ?? {};
    const strip = (await page.locator('.strip').boundingBox()) ?? { x: 0, width: 0 };
    expect((x + width / 2 - strip.x) / strip.width).to.be.closeTo(39.5 / 45, 0.01);
    await mark.click();
    const current = page.locator('[aria-current]');
    await current.waitFor();
    expect(await current.locator('span').textContent()).to.equal('line 40');
    expect(new URL(page.url()).pathname + new URL(page.url()).hash).to.equal('/d/many.txt#L40');
    await untilCurrentIsInSight(page);
    // Another line, without a fragment in the URL.
    await page.getByLabel('Line', { exact: true }).fill('2');
    await page.getByRole('button', { name: 'Go' }).click();
    await page.locator('[aria-current]', { hasText: 'line 2' }).waitFor();
    const far = await open(`${suite.url}/d/many.txt?line=30`, { viewport: { width: 400, height: 200 } });
    await untilCurrentIsInSight(far);
    await page.goBack();
    await page.goBack();
    await untilFound(page, '1 line of many.txt');
    // A click near a mark follows it.
    await page.locator('.strip').click({ position: { x: 5, y: 5 } });
    await current.waitFor();
    expect(await current.locator('span').textContent()).to.equal('line 40');
  });

  it('keeps the curl command open and in place', async () => {
    const page = await open(`${suite.url}/?term=love`);
    await page.getByText('The same as a curl command').click();
    await page.getByLabel('Ignore case').check();
    await page.locator('.curl code', { hasText: 'ignore_case' }).waitFor();
    expect(await page.locator('.curl code').isVisible()).to.equal(true);
  });

  it('keeps all spaces of a dictionary name', async () => {
    const name = ' two  blanks .txt';
    await writeFile(join(suite.dictionaries, name), 'love\n');
    const page = await open(`${suite.url}/?${new URLSearchParams({ dictionary: name })}`, { javaScriptEnabled: false });
    await term(page).fill('love');
    await page.getByRole('button', { name: 'Search' }).click();
    await untilFound(page, '1 line of');
    expect(queryOf(page)).to.include({ dictionary: name });
  });

  it('is usable with the keyboard alone', async () => {
    const page = await open(`${suite.url}/?dictionary=plain.txt`);
    const focused = () => page.evaluate('document.activeElement.name || document.activeElement.textContent.trim()');
    expect(await focused()).to.equal('term');
    await page.keyboard.type('love');
    await page.keyboard.press('Enter');
    await untilFound(page, '4 lines');
    const stations: unknown[] = [];
    for (let tabs = 0; tabs < 19; tabs += 1) {
      await page.keyboard.press('Tab');
      stations.push(await focused());
    }
    expect(stations).to.deep.equal([
      'Search',
      'Random quote',
      'dictionary',
      'Several …',
      'syntax',
      'Patterns',
      'show',
      'n_before',
      'n_after',
      'ignore_case',
      'More conditions',
      'List',
      'In context',
      'Frequencies',
      'Counts',
      'Download CSV',
      'Download JSON lines',
      'Positions of the matches',
      'line 2',
    ]);
    await page.keyboard.press('/');
    expect(await focused()).to.equal('term');
    await page.keyboard.type('line');
    await dictionary(page).selectOption('many.txt');
    await untilFound(page, '45 lines');
    await page.getByText('Next 20').focus();
    await page.keyboard.press('Enter');
    await page.getByText('21 to 40 of 45').waitFor();
    expect(await page.evaluate('document.activeElement.id')).to.equal('count');
    for (let tabs = 0; tabs < 4; tabs += 1) await page.keyboard.press('Tab');
    expect(await focused()).to.equal('line 21');
  });

  it('works without scripts', async () => {
    const page = await open(`${suite.url}/?dictionary=plain.txt`, { javaScriptEnabled: false });
    await term(page).fill('line');
    await dictionary(page).selectOption('many.txt');
    await page.getByRole('button', { name: 'Search' }).click();
    await untilFound(page, '45 lines of many.txt');
    expect(await entries(page)).to.have.length(20);
    await page.getByText('Next 20').click();
    await page.getByText('21 to 40 of 45').waitFor();
    expect(await page.getByText('Copy', { exact: true }).first().isVisible()).to.equal(false);
    expect(await page.locator('.strip').count()).to.equal(1);
    await page.getByText('The same as a curl command').click();
    expect(await page.locator('.curl code').isVisible()).to.equal(true);
    await page.goBack();
    await page.getByText('1 to 20 of 45').waitFor();
    await page.getByRole('link', { name: 'Random quote' }).click();
    await untilFound(page, 'One of ');
    await page.locator('.location a').first().click();
    await page.locator('.lines li').first().waitFor();
  });

  it('runs no code from a text, a name or a query', async () => {
    const hostile = '<script>document.title = "taken"</script><img src=x onerror="document.title = \'taken\'">love';
    const name = `"><img src=x onerror=alert(1)>.txt`;
    await writeFile(join(suite.dictionaries, name), `${hostile}\n${hostile}\n`);
    const queries: ({ term: string } & Record<string, string>)[] = [
      { term: 'love', dictionary: name, n_after: '1' },
      { term: '<script>', dictionary: name, unit: 'quote' },
      { term: hostile, dictionary: name },
      { term: hostile, dictionary: 'plain.txt', syntax: 'word' },
    ];
    for (const query of queries) {
      const page = await open(`${suite.url}/?${new URLSearchParams(query)}`);
      // Rendered by the server, and by the script.
      for (const found of [/ of /, / of /]) {
        await count(page).filter({ hasText: found }).waitFor();
        expect(await page.title()).to.equal(`${query.term} – grepd`);
        expect(await page.locator('main img, main script').count()).to.equal(0);
        await term(page).press('Enter');
        await page.waitForLoadState('networkidle');
      }
    }
    const page = await open(`${suite.url}/d/${encodeURIComponent(name)}`);
    expect(await page.locator('.lines span').first().textContent()).to.equal(hostile);
    expect(await page.locator('main img, main script').count()).to.equal(0);
  });
});
