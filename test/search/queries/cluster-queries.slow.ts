// Asks a cluster generated questions of all kinds, and compares its answers with those of grep.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { AppError } from '../../../src/errors.js';
import { type Answer, collect } from '../../../src/search/engine.js';
import { openEngine } from '../../../src/search/open-engine.js';
import type { FindQuery, QueryEngine } from '../../../src/search/query.js';
import { describeWithClickHouse, type Nodes, startNodes } from '../../helpers/clickhouse.js';
import { closeAfterEach } from '../../helpers/close-after-each.js';
import { generator, type Random, WORDS } from '../../helpers/hostile-texts.js';
import { loadFolder } from '../../helpers/load-folder.js';
import { engineOptions } from '../../helpers/queries.js';
import { type TempFolder, tempFolder } from '../../helpers/temp-folder.js';
import { createQuery, writeFolder } from './boolean-questions.js';

const SEED = Number(process.env.QUERY_SEED ?? 20_261_128);
const QUESTIONS = Number(process.env.QUERY_QUESTIONS ?? 40);
const ROUNDS = 4;

const never = new AbortController().signal;

describeWithClickHouse('queries of a cluster', function () {
  this.timeout(600_000);
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
  const open = closeAfterEach(openEngine);

  it('have the same answers as those of grep', async () => {
    const random = generator(SEED);
    const tally = { found: 0, truncated: 0 };
    for (let round = 0; round < ROUNDS; round += 1) {
      const dictionariesDir = join(folder.path, String(round));
      mkdirSync(dictionariesDir);
      writeFolder(random, dictionariesDir);
      await loadFolder(dictionariesDir, nodes);
      const options = engineOptions({ dictionariesDir, searchQueue: 100, searchTimeoutMs: 60_000 });
      const grep = await open(options);
      const cluster = await open({ ...options, engine: 'clickhouse', urls: nodes.urls });
      for (let question = 0; question < QUESTIONS / ROUNDS; question += 1) {
        const { ask, title } = createQuestion(random);
        const [expected, actual] = [await outcomeOf(ask(grep)), await outcomeOf(ask(cluster))];
        const isCut = [expected, actual].some((each) => typeof each === 'object' && each.truncated === 'line_length');
        if (isCut) tally.truncated += 1;
        else expect(actual, `seed ${SEED}, round ${round}: ${title}`).to.deep.equal(expected);
        if (typeof expected === 'object' && expected.nrOfEntries > 0) tally.found += 1;
      }
    }
    expect(tally.found).to.be.above(QUESTIONS / 3);
    expect(tally.truncated).to.be.below(QUESTIONS / 10);
  });
});

interface Question {
  ask: (engine: QueryEngine) => Answer<unknown>;
  title: string;
}

function createQuestion(random: Random): Question {
  const query = random.chance(0.3) ? verified(random, createQuery(random)) : createQuery(random);
  if (random.chance(0.3)) query.files = [random.pick(['*.txt', 'a*', '!b*', 'c/*', '*'])];
  const { n_before: _, n_after: __, order: ___, format: ____, ...conditions } = query;
  const hasPositive = query.all_of.length + query.any_of.length > 0;
  const kind = random.pick(hasPositive ? ['find', 'find', 'count', 'kwic', 'frequencies'] : ['find', 'count']);
  const title = `${kind} ${JSON.stringify(query)}`;
  if (kind === 'find') return { ask: (engine) => engine.find(query, never), title };
  if (kind === 'count') return { ask: (engine) => engine.count(conditions, never), title };
  if (kind === 'kwic') {
    const concordance = {
      ...conditions,
      width: 5,
      width_unit: 'characters',
      order: random.pick(['file', 'left'] as const),
    } as const;
    return { ask: (engine) => engine.concordance(concordance, never), title };
  }
  const frequencies = {
    ...conditions,
    fold_case: random.chance(0.5),
    by: random.pick([undefined, 'right'] as const),
    distance: 2,
  };
  return { ask: (engine) => engine.frequencies(frequencies, never), title };
}

/** A phrase, or a term without marks. */
function verified(random: Random, query: FindQuery): FindQuery {
  const isPhrase = random.chance(0.6);
  const term = isPhrase
    ? { term: `${random.pick(WORDS)} ${random.pick(WORDS)}`, syntax: 'phrase' as const, ignore_case: true }
    : { term: random.pick(WORDS), syntax: 'literal' as const, ignore_case: random.chance(0.5) };
  const context = isPhrase && query.unit === 'line' ? { n_before: 0, n_after: 0 } : {};
  return {
    ...query,
    ...context,
    all_of: [term],
    any_of: [],
    none_of: [],
    ignore_marks: !isPhrase,
    join_hyphens: isPhrase,
  };
}

type Outcome = Awaited<ReturnType<typeof collect>> | string;

async function outcomeOf(answer: Answer<unknown>): Promise<Outcome> {
  try {
    return (await collect(answer as Answer)) as Outcome;
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}
