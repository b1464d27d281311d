// How many greps a search page runs.
import { join } from 'node:path';
import { expect } from 'chai';
import { openEngine } from '../../../src/search/open-engine.js';
import { PROJECT } from '../../helpers/project.js';
import { engineOptions } from '../../helpers/queries.js';
import { type SlowGrep, slowGrep } from '../../helpers/slow-grep.js';
import { type RunningApp, startApp } from '../../helpers/start-app.js';
import { type TempFolder, tempFolder } from '../../helpers/temp-folder.js';

describe('the search page, in greps', () => {
  let folder: TempFolder;
  let grep: SlowGrep;
  let app: RunningApp;
  const { PATH } = process.env;
  beforeEach(async () => {
    folder = await tempFolder();
    grep = await slowGrep(folder.path);
    await grep.release();
    process.env.PATH = grep.PATH;
    // Line counts are cached only for files that haven't changed for a while.
    const dictionariesDir = join(PROJECT, 'dictionaries');
    app = await startApp({ engine: await openEngine(engineOptions({ dictionariesDir, searchQueue: 100 })) });
  });
  afterEach(async () => {
    process.env.PATH = PATH;
    await app.close();
    await folder.remove();
  });

  /** Returns the number of greps that a page has started. */
  async function grepsOf(query: string): Promise<number> {
    const before = await grep.started();
    const text = await (await fetch(`${app.url}/?${query}`)).text();
    expect(text, query).to.include('<svg class="strip"').and.not.include('incomplete');
    return (await grep.started()).length - before.length;
  }

  for (const [dictionary, term, grepsAtFirst] of [
    // Another grep counts the lines.
    ['devils-dictionary.txt', 'abdomen', 2],
    ['king-james-bible.txt', 'Nineveh', 2],
    // The lines of a packed folder are known.
    ['moby-dick', 'Bulkington', 1],
  ] as const) {
    it(`searches and plots ${dictionary} with one grep once the lines have been counted`, async () => {
      const page = `dictionary=${dictionary}&term=${term}`;
      expect(await grepsOf(page)).to.equal(grepsAtFirst);
      for (const more of ['', 'syntax=word', 'syntax=regex', 'ignore_case=true', 'n_after=1']) {
        expect(await grepsOf(`${page}&${more}`), more).to.equal(1);
      }
    });
  }

  it('searches and plots quotes with one grep, too', async () => {
    const page = 'dictionary=moby-dick&term=Bulkington&unit=quote';
    await grepsOf(page);
    expect(await grepsOf(page)).to.equal(1);
    expect(await grepsOf(`${page}&syntax=word`)).to.equal(1);
  });
});
