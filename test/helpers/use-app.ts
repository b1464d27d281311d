// Starts the application before the tests of a suite, and closes it after them.
import { join } from 'node:path';
import { openEngine } from '../../src/search/open-engine.js';
import { type Fixtures, makeFixtures } from './fixtures.js';
import { PROJECT } from './project.js';
import { engineOptions } from './queries.js';
import { type AppOptions, type RunningApp, startApp } from './start-app.js';

export interface SuiteApp {
  readonly url: string;
  readonly app: RunningApp;
}

/** The application with the bundled dictionaries. */
export function useApp(options: AppOptions = {}): SuiteApp {
  return start(async () => join(PROJECT, 'dictionaries'), 'devils-dictionary.txt', options);
}

/** The application with the dictionaries of fixtures.ts, which a suite may change. */
export function useFixtureApp(options: AppOptions = {}): SuiteApp & { readonly dictionaries: string } {
  let fixtures: Fixtures;
  before(async () => {
    fixtures = await makeFixtures();
  });
  after(() => fixtures.remove());
  const suite = start(async () => fixtures.dictionaries, 'plain.txt', options);
  return Object.defineProperty(suite as SuiteApp & { dictionaries: string }, 'dictionaries', {
    get: () => fixtures.dictionaries,
  });
}

function start(dictionaries: () => Promise<string>, defaultDictionary: string, options: AppOptions): SuiteApp {
  let app: RunningApp;
  before(async () => {
    const dictionariesDir = await dictionaries();
    const engine = await openEngine(engineOptions({ dictionariesDir, defaultDictionary, searchQueue: 100 }));
    app = await startApp({ engine, ...options });
  });
  after(() => app.close());
  return {
    get url() {
      return app.url;
    },
    get app() {
      return app;
    },
  };
}
