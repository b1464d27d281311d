// Runs tests in a real browser, if Chromium is installed.
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { describeWith, findAny } from './programs.js';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Returns the path of the program: `CHROMIUM`, or the first one in PATH. */
export function findChromium(): string | undefined {
  return process.env.CHROMIUM || findAny(NAMES);
}

/** Disables background requests and GPU use. */
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
  /** Opens a page in a new context. Console errors, dialogs and external requests fail the test. */
  open: (url: string, options?: BrowserContextOptions) => Promise<Page>;
  /** Ignores the errors of the page, if the test provokes them. */
  expectErrors: () => void;
}

/** Defines tests that are skipped, with the reason, if no browser is installed. */
export function inBrowser(title: string, define: (tests: BrowserTests) => void): void {
  const requirement = { names: NAMES, packages: 'chromium', configured: process.env.CHROMIUM };
  describeWith(title, requirement, function (program) {
    this.timeout(60_000);
    let browser: Browser;
    let problems: string[] = [];
    let areErrorsExpected = false;
    before(async () => {
      browser = await launchBrowser(program);
    });
    after(() => browser.close());
    beforeEach(() => {
      problems = [];
      areErrorsExpected = false;
    });
    afterEach(async () => {
      await Promise.all(browser.contexts().map((context) => context.close()));
      if (problems.length > 0 && !areErrorsExpected) throw new Error(problems.join('\n'));
    });

    const open = async (url: string, options: BrowserContextOptions = {}) => {
      const page = await (await browser.newContext(options)).newPage();
      const { origin } = new URL(url);
      // Includes violations of the Content-Security-Policy.
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text());
      });
      page.on('pageerror', (error) => problems.push(String(error)));
      page.on('dialog', (dialog) => problems.push(`a dialog: ${dialog.message()}`));
      page.on('request', (request) => {
        const requested = new URL(request.url());
        if (requested.origin !== origin && requested.protocol !== 'data:') problems.push(`a request to ${requested}`);
      });
      await page.goto(url);
      return page;
    };
    define({
      open,
      expectErrors: () => {
        areErrorsExpected = true;
      },
    });
  });
}
