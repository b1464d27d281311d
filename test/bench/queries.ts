// `npm run bench:queries -- --megabytes 500 --rounds 5`: queries of several terms, counts and
// concordances of a large text without an index, beside grep and the searches of each term.
import { mkdirSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Answer } from '../../src/search/engine.js';
import { openEngine } from '../../src/search/open-engine.js';
import type { Conditions, QueryEngine, QueryTerm } from '../../src/search/query.js';
import { engineOptions } from '../helpers/queries.js';
import { tempFolder } from '../helpers/temp-folder.js';
import { CommandShell } from './command-shell.js';
import { RARE } from './corpus.js';
import { makeIndexCorpus, TEXT } from './index-corpus.js';
import { Timings } from './timings.js';

const { values: options } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '500' },
    rounds: { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
  },
});
const MIB = 2 ** 20;
const never = new AbortController().signal;
const timings = new Timings();
const folder = await tempFolder();
const dictionariesDir = join(folder.path, 'dictionaries');
mkdirSync(dictionariesDir);
const { terms } = await makeIndexCorpus(dictionariesDir, Number(options.megabytes), Number(options.seed));
const { common, inOnePercent } = terms;
const engine: QueryEngine = await openEngine(
  engineOptions({ dictionariesDir, defaultDictionary: TEXT, searchTimeoutMs: 3_600_000 }),
);
const shell = new CommandShell({ LC_ALL: 'C' });

const page = { nresults: 10, offset: 0, order: 'file', format: 'text', n_before: 0, n_after: 0 } as const;
const literal = (term: string): QueryTerm => ({ term, syntax: 'literal', ignore_case: false });
const conditions = (all_of: string[], none_of: string[] = []): Conditions => ({
  ...{ dictionary: TEXT, unit: 'line', any_of: [], join_hyphens: false, ignore_marks: false },
  all_of: all_of.map(literal),
  none_of: none_of.map(literal),
});
const find = (all_of: string[], none_of: string[] = []) =>
  engine.find({ ...conditions(all_of, none_of), ...page }, never);
const kwic = { ...page, width: 40, width_unit: 'characters' } as const;
const questions: Record<string, () => Answer<unknown>> = {
  'a rare word': () => find([RARE]),
  'a word in 1 % of lines': () => find([inOnePercent]),
  'a common word': () => find([common]),
  'rare and common': () => find([RARE, common]),
  '1 % and common': () => find([inOnePercent, common]),
  'all but the common word': () => find([], [common]),
  'count, rare': () => engine.count(conditions([RARE]), never),
  'count, 1 %': () => engine.count(conditions([inOnePercent]), never),
  'concordance, 1 %': () => engine.concordance({ ...conditions([inOnePercent]), ...kwic, order: 'file' }, never),
  'frequencies, 1 %': () =>
    engine.frequencies(
      { ...conditions([inOnePercent]), nresults: 10, offset: 0, fold_case: false, distance: 1 },
      never,
    ),
};

try {
  const before = process.memoryUsage.rss();
  let peak = before;
  for (let round = 0; round < Number(options.rounds); round += 1) {
    for (const term of [RARE, inOnePercent, common]) {
      const command = ['grep', '-c', '-F', '--', term, join(dictionariesDir, TEXT)];
      await timings.time(`grep -c, ${nameOf(term)}`, () => shell.run(command));
    }
    for (const [name, ask] of Object.entries(questions)) {
      const begin = performance.now();
      let first: number | undefined;
      for await (const _ of ask()) first ??= performance.now() - begin;
      timings.record(name, performance.now() - begin);
      timings.record(`${name}, first`, first ?? 0);
      peak = Math.max(peak, process.memoryUsage.rss());
    }
  }
  const ms = (name: string) => `${timings.median(name).toFixed(0)} ms`;
  const times = (name: string, base: string) => (timings.median(name) / timings.median(base)).toFixed(2);
  console.log(`${options.megabytes} MB, load ${loadavg()[0]?.toFixed(1)}; medians of ${options.rounds} rounds\n`);
  for (const term of [RARE, inOnePercent, common])
    console.log(`grep -c, ${nameOf(term)}: ${ms(`grep -c, ${nameOf(term)}`)}`);
  for (const name of Object.keys(questions))
    console.log(`${name}: ${ms(name)}, first entries after ${ms(`${name}, first`)}`);
  console.log(`\nrare and common: ${times('rare and common', 'a common word')} times the common word alone`);
  console.log(`1 % and common: ${times('1 % and common', 'a common word')} times the common word alone`);
  console.log(`count, rare: ${times('count, rare', 'grep -c, rare')} times grep -c`);
  console.log(`count, 1 %: ${times('count, 1 %', 'grep -c, 1 %')} times grep -c`);
  console.log(`memory grew by at most ${((peak - before) / MIB).toFixed(0)} MiB`);
} finally {
  await shell.close();
  await engine.close();
  await folder.remove();
}

function nameOf(term: string): string {
  if (term === RARE) return 'rare';
  return term === common ? 'common' : '1 %';
}
