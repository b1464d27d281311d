// Pages in a real browser: Chromium, where there is one.
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { describeWith, findAny } from './programs.js';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** The path of the program: that which `CHROMIUM` names, or the first that is found. */
export function findChromium(): string | undefined {
  return process.env.CHROMIUM || findAny(NAMES);
}

/** What it would ask its makers for, or do for a screen. */
const ARGUMENTS = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export function launchBrowser(program: string): Promise<Browser> {
  return chromium.launch({ executablePath: program, args: ARGUMENTS });
}

export interface BrowserTests {
  /** A page of its own, with cookies and a cache of its own. What it does that it must not fails the test. */
  open: (url: string, options?: BrowserContextOptions) => Promise<Page>;
  /** What it may say is wrong, when that is on purpose. */
  expectErrors: () => void;
}

/** Tests that are skipped, with the reason, where there is no browser. */
export function inBrowser(title: string, define: (tests: BrowserTests) => void): void {
  const needed = { names: NAMES, packages: 'chromium', given: process.env.CHROMIUM };
  describeWith(title, needed, function (program) {
    this.timeout(60_000);
    let browser: Browser;
    let problems: string[] = [];
    let areExpected = false;
    before(async () => {
      browser = await launchBrowser(program);
    });
    after(() => browser.close());
    beforeEach(() => {
      problems = [];
      areExpected = false;
    });
    afterEach(async () => {
      await Promise.all(browser.contexts().map((context) => context.close()));
      if (problems.length > 0 && !areExpected) throw new Error(problems.join('\n'));
    });

    const open = async (url: string, options: BrowserContextOptions = {}) => {
      const page = await (await browser.newContext(options)).newPage();
      const { origin } = new URL(url);
      // Among them what the Content-Security-Policy has refused.
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text());
      });
      page.on('pageerror', (error) => problems.push(String(error)));
      page.on('dialog', (dialog) => problems.push(`a dialog: ${dialog.message()}`));
      page.on('request', (request) => {
        const asked = new URL(request.url());
        if (asked.origin !== origin && asked.protocol !== 'data:') problems.push(`a request to ${asked}`);
      });
      await page.goto(url);
      return page;
    };
    define({
      open,
      expectErrors: () => {
        areExpected = true;
      },
    });
  });
}
