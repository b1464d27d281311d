// The theme of the pages: that of the system, or the one that the user has chosen.
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { inBrowser } from '../helpers/browser.js';
import { useFixtureApp } from '../helpers/use-app.js';

inBrowser('the theme of the pages', ({ open }) => {
  const suite = useFixtureApp();

  const isDark = async (page: Page) => {
    const color = (await page.evaluate('getComputedStyle(document.body).backgroundColor')) as string;
    return Math.max(...(color.match(/\d+/g) ?? []).map(Number)) < 60;
  };
  const toggle = (page: Page) => page.getByRole('button', { name: /^Theme:/ });

  it('follows the system, then is light, then dark, and is remembered on all pages', async () => {
    const page = await open(suite.url, { colorScheme: 'dark' });
    const states: unknown[] = [];
    for (let times = 0; times < 3; times += 1) {
      states.push([(await toggle(page).innerText()).replace(/\s+/g, ' '), await isDark(page)]);
      await toggle(page).click();
    }
    expect(states).to.deep.equal([
      ['Theme: Auto', true],
      ['Theme: Light', false],
      ['Theme: Dark', true],
    ]);
    await page.emulateMedia({ colorScheme: 'light' });
    expect(await isDark(page)).to.equal(false);
    await toggle(page).click();
    await toggle(page).click();
    expect(await isDark(page)).to.equal(true);
    for (const path of ['/d/plain.txt', '/docs', '/?term=love']) {
      await page.goto(suite.url + path);
      expect(await isDark(page), path).to.equal(true);
    }
  });

  it('is set before the page has a body', async () => {
    const page = await open(suite.url);
    await toggle(page).click();
    await page.addInitScript(`
      new MutationObserver((_, observer) => {
        if (document.body === null) return;
        globalThis.themeAtBody = document.documentElement.dataset.theme;
        observer.disconnect();
      }).observe(document, { childList: true, subtree: true });`);
    await page.reload();
    expect(await page.evaluate('themeAtBody')).to.equal('light');
  });

  it('changes in all tabs', async () => {
    const page = await open(suite.url);
    const other = await page.context().newPage();
    await other.goto(suite.url);
    for (let times = 0; times < 2; times += 1) await toggle(other).click();
    await page.locator(':root[data-theme=dark]').waitFor();
    expect(await isDark(page)).to.equal(true);
  });

  it('works without storage, and has no button without scripts', async () => {
    const page = await open(suite.url);
    await page.addInitScript(
      'Object.defineProperty(globalThis, "localStorage", { get() { throw new Error("denied"); } })',
    );
    await page.reload();
    for (let times = 0; times < 2; times += 1) await toggle(page).click();
    expect(await isDark(page)).to.equal(true);
    const plain = await open(suite.url, { javaScriptEnabled: false });
    expect(await plain.locator('#theme').isVisible()).to.equal(false);
  });
});
