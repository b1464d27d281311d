// `npm run screenshots`: takes pictures of the pages for the README.
import { join } from 'node:path';
import type { BrowserContextOptions } from 'playwright-core';
import { findChromium, launchBrowser } from '../helpers/browser.js';
import { PROJECT } from '../helpers/project.js';
import { spawnService } from '../helpers/spawn-service.js';

const FOLDER = join(PROJECT, 'docs/screenshots');

interface Picture {
  path: string;
  options: BrowserContextOptions;
  /** The selector of a section to expand and scroll to. */
  expand?: string;
}

const wide = { viewport: { width: 1200, height: 800 } };
const phone = { viewport: { width: 390, height: 800 }, deviceScaleFactor: 2 };

const pictures: Record<string, Picture> = {
  page: { path: '/?term=whale&dictionary=moby-dick&unit=quote', options: wide },
  phone: {
    path: '/?term=love&dictionary=king-james-bible.txt&syntax=word&n_after=1',
    options: { ...phone, colorScheme: 'dark' },
  },
  concordance: { path: '/?term=whale&dictionary=moby-dick&syntax=word&view=kwic&order=left', options: wide },
  docs: { path: '/docs', options: { ...wide, viewport: { width: 1200, height: 1000 } }, expand: '.opblock-post' },
};

const program = findChromium();
if (program === undefined)
  throw new Error('Chromium not found. Install it (apt-get install chromium), or set CHROMIUM to its path.');
const service = spawnService({ LOG_LEVEL: 'info' });
const browser = await launchBrowser(program);
try {
  const url = await service.url();
  for (const [name, { path, options, expand }] of Object.entries(pictures)) {
    const page = await (await browser.newContext(options)).newPage();
    // The first requests of a worker are slower.
    for (let times = 0; times < 10; times += 1) await (await fetch(url + path)).text();
    await page.goto(url + path, { waitUntil: 'networkidle' });
    if (expand !== undefined) {
      await page.locator(`${expand} button`).first().click();
      await page.locator(`${expand} .opblock-body`).waitFor();
      await page.evaluate(`document.querySelector('${expand}').scrollIntoView({ behavior: 'instant' })`);
    }
    await page.screenshot({ path: join(FOLDER, `${name}.png`) });
  }
} finally {
  await browser.close();
  service.child.kill();
  await service.exited;
}
