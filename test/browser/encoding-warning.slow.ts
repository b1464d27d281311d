import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { inBrowser } from '../helpers/browser.js';
import { useFixtureApp } from '../helpers/use-app.js';

const desktop = { viewport: { width: 1280, height: 800 } };
const phone = { viewport: { width: 390, height: 844 } };

inBrowser('warnings about encodings in a browser', ({ open }) => {
  const suite = useFixtureApp();
  before(async () => {
    const text = 'Wer immer strebend sich bemüht, den können wir erlösen.\n'.repeat(20);
    await writeFile(join(suite.dictionaries, 'faust.txt'), Buffer.from(text, 'latin1'));
  });

  for (const [title, options] of [
    ['on a desktop', desktop],
    ['on a desktop, dark', { ...desktop, colorScheme: 'dark' }],
    ['on a phone', phone],
    ['on a phone, dark, without scripts', { ...phone, colorScheme: 'dark', javaScriptEnabled: false }],
  ] as const) {
    for (const path of ['/d', '/d/faust.txt', '/?term=immer&dictionary=faust.txt']) {
      it(`show, and fit into the page: ${path} ${title}`, async () => {
        const page = await open(suite.url + path, options);
        const warning = page.locator('.warning, .note').first();
        expect(await warning.innerText()).to.include('looks like Latin-1');
        expect(await warning.isVisible()).to.equal(true);
        const { x = -1, width = Number.POSITIVE_INFINITY } = (await warning.boundingBox()) ?? {};
        expect(x).to.be.at.least(0);
        expect(x + width).to.be.at.most(options.viewport.width);
        const folder = process.env.SCREENSHOTS;
        const name = `${path}${title}`.replace(/\W+/g, '-');
        if (folder !== undefined) await page.screenshot({ path: join(folder, `${name}.png`) });
      });
    }
  }
});
