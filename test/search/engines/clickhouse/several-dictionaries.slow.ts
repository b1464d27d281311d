// Searches of several dictionaries in a cluster, compared with the grep engine.
import { expect } from 'chai';
import { ALL_DICTIONARIES, selectorOf } from '../../../../src/search/dictionary-selector.js';
import { openEngine as open } from '../../../../src/search/open-engine.js';
import { describeWithClickHouse, type Nodes, startNodes } from '../../../helpers/clickhouse.js';
import { closeAfterEach } from '../../../helpers/close-after-each.js';
import { generator } from '../../../helpers/hostile-texts.js';
import { loadFolder } from '../../../helpers/load-folder.js';
import { engineOptions } from '../../../helpers/queries.js';
import { type TempFolder, tempFolder } from '../../../helpers/temp-folder.js';
import { answers, createQuery, SOME, writeTexts } from '../grep/several-dictionaries.js';

const QUESTIONS = Number(process.env.QUERY_QUESTIONS ?? 10);

describeWithClickHouse('A cluster with several dictionaries', function () {
  this.timeout(300_000);
  let nodes: Nodes;
  let folder: TempFolder;
  before(async () => {
    nodes = await startNodes([1, 1]);
    folder = await tempFolder();
  });
  after(async () => {
    await nodes.leave();
    await folder.remove();
  });
  const openEngine = closeAfterEach(open);

  it(`answers ${QUESTIONS} generated questions as the grep engine does`, async () => {
    const random = generator(Number(process.env.QUERY_SEED ?? 2_023));
    writeTexts(random, folder.path);
    await loadFolder(folder.path, nodes);
    const options = engineOptions({ dictionariesDir: folder.path, searchTimeoutMs: 60_000 });
    const grep = await openEngine(options);
    const cluster = await openEngine({ ...options, engine: 'clickhouse', urls: nodes.urls });
    let found = 0;
    for (let number = 0; number < QUESTIONS; number += 1) {
      const selector = random.pick([ALL_DICTIONARIES, selectorOf(SOME)]);
      const query = createQuery(random);
      const expected = { ...(await answers(grep, selector, query, '')), counts: undefined, isSure: true };
      if (expected.search.nrOfEntries > 0) found += 1;
      const question = JSON.stringify({ selector, query });
      expect(await answers(cluster, selector, query, ''), question).to.deep.equal(expected);
    }
    expect(found).to.be.above(QUESTIONS / 4);
  });
});
