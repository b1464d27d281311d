// Adding texts in a browser: by dropping files, with the form, and without scripts.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { inBrowser } from '../helpers/browser.js';
import { startUploadApp, type UploadApp } from '../helpers/upload-app.js';

const MIB = 1024 * 1024;

inBrowser('uploads in a browser', ({ open, expectErrors }) => {
  let app: UploadApp;
  beforeEach(async () => {
    app = await startUploadApp({ maxBytes: MIB });
  });
  afterEach(() => app.close());

  const read = (path: string) => readFileSync(join(app.dictionaries, path), 'utf8');
  const rowOf = (page: Page, name: string) => page.locator('.uploads li').filter({ hasText: name });

  /** Drops files onto the page, as a user does. */
  async function drop(page: Page, files: Record<string, string>): Promise<void> {
    const data = await page.evaluateHandle(
      `(() => {
        const data = new DataTransfer();
        for (const [name, text] of Object.entries(${JSON.stringify(files)})) data.items.add(new File([text], name));
        return data;
      })()`,
    );
    await page.dispatchEvent('body', 'dragover', { dataTransfer: data });
    expect(await page.locator('html.dropping').count()).to.equal(1);
    await page.dispatchEvent('body', 'drop', { dataTransfer: data });
    expect(await page.locator('html.dropping').count()).to.equal(0);
  }

  for (const viewport of [
    { width: 1280, height: 800 },
    { width: 390, height: 844 },
  ]) {
    it(`adds dropped files, lists them, and removes one again, at ${viewport.width} pixels`, async () => {
      const page = await open(`${app.url}/d`, { viewport });
      await drop(page, { 'größer.txt': 'neu\n', 'second.txt': 'second\n' });
      await rowOf(page, 'größer.txt').getByText('Added.').waitFor();
      await rowOf(page, 'second.txt').getByText('Added.').waitFor();
      await page.locator('#texts').getByRole('link', { name: 'second.txt' }).waitFor();
      expect([read('größer.txt'), read('second.txt')]).to.deep.equal(['neu\n', 'second\n']);
      await rowOf(page, 'second.txt').getByRole('button', { name: 'Remove' }).click();
      await rowOf(page, 'second.txt').getByText('Removed.').waitFor();
      await page.locator('#texts').getByRole('link', { name: 'second.txt' }).waitFor({ state: 'detached' });
      expect(app.paths()).to.not.include('second.txt');
      const isTooWide = await page.evaluate('document.documentElement.scrollWidth > innerWidth');
      expect(isTooWide).to.equal(false);
    });
  }

  it('asks before it replaces a text', async () => {
    // Chromium logs the 409.
    expectErrors();
    const page = await open(`${app.url}/d`);
    await drop(page, { 'old.txt': 'new\n' });
    await rowOf(page, 'old.txt').getByText('There is already a text with this name.').waitFor();
    expect(read('old.txt')).to.equal('old love\n');
    await rowOf(page, 'old.txt').getByRole('button', { name: 'Replace it' }).click();
    await rowOf(page, 'old.txt').getByText('Replaced.').waitFor();
    expect(read('old.txt')).to.equal('new\n');
  });

  it('says what is wrong with a file', async () => {
    expectErrors();
    const page = await open(`${app.url}/d`);
    await drop(page, { 'large.txt': 'x'.repeat(MIB + 1), '.hidden': 'x' });
    await rowOf(page, 'large.txt').getByText('Too large: texts may have at most 1 MiB.').waitFor();
    await rowOf(page, '.hidden').getByText('The name of a text must be a path').waitFor();
    expect(app.paths()).to.deep.equal(['folder', 'folder/inner.txt', 'old.txt']);
  });

  it('uploads the files of the form without leaving the page', async () => {
    const page = await open(`${app.url}/d`);
    await page.getByLabel('Files').setInputFiles([{ name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('a') }]);
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await rowOf(page, 'a.txt').getByText('Added.').waitFor();
    expect(page.url()).to.equal(`${app.url}/d`);
  });

  it('works without scripts', async () => {
    const page = await open(`${app.url}/d`, { javaScriptEnabled: false });
    expect(await page.getByText('You can also drop files').isVisible()).to.equal(false);
    await page
      .getByLabel('Files')
      .setInputFiles([{ name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('a\n') }]);
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.waitForURL(`${app.url}/d/a.txt`);
    expect(read('a.txt')).to.equal('a\n');
    await page.goto(`${app.url}/d`);
    await page.getByText('Remove a text').click();
    await page.getByLabel('Its whole name').fill('a.txt');
    await page.getByRole('button', { name: 'Remove' }).click();
    await page.waitForURL(`${app.url}/d`);
    expect(app.paths()).to.not.include('a.txt');
  });
});
