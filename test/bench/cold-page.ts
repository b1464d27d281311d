// `npm run bench:page -- --megabytes 50 --rounds 7 --seed 1`: how long a new process takes to answer
// the first request for a page of results, beside grep alone. The text is in the kernel's cache.
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { spawnService } from '../helpers/spawn-service.js';
import { tempFolder } from '../helpers/temp-folder.js';
import { writeBigText } from './big-text.js';
import { median } from './median.js';

const { values: options } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '50' },
    rounds: { type: 'string', default: '7' },
    seed: { type: 'string', default: '1' },
  },
});
const NAME = 'big.txt';

const folder = await tempFolder();
try {
  const path = join(folder.path, NAME);
  await writeBigText(path, Number(options.megabytes) * 1e6, Number(options.seed));
  const [word = ''] = (await readFile(path, 'latin1')).slice(500_000, 501_000).match(/[a-z]{6,}/g) ?? [];
  console.log('| | grep, ms | first page, ms | slowest, ms | next page, ms |');
  console.log('| --- | --- | --- | --- | --- |');
  for (const [kind, term] of Object.entries({
    'a missing term': `${word}#`,
    'a word': word,
    'two letters of it': word.slice(0, 2),
  })) {
    const rounds: Round[] = [];
    for (let round = 0; round < Number(options.rounds); round += 1) rounds.push(await measure(path, term));
    const all = (name: keyof Round) => rounds.map((each) => each[name]);
    const cells = [median(all('grep')), median(all('first')), Math.max(...all('first')), median(all('next'))];
    console.log(`| ${[kind, ...cells.map((ms) => ms.toFixed(0))].join(' | ')} |`);
  }
} finally {
  await folder.remove();
}

interface Round {
  grep: number;
  /** Of a process that has answered nothing before. */
  first: number;
  /** The next page of the same results. */
  next: number;
}

async function measure(path: string, term: string): Promise<Round> {
  const begin = performance.now();
  // With an output that isn't /dev/null, at which grep would stop at the first match.
  spawnSync('grep', ['-F', '-e', term, '--', path], { env: { LC_ALL: 'C' }, maxBuffer: 1e9 });
  const grep = performance.now() - begin;
  const service = spawnService({ DICTIONARIES_DIR: folder.path, DEFAULT_DICTIONARY: NAME });
  try {
    const url = await service.url();
    const query = new URLSearchParams({ term });
    await (await fetch(`${url}/?${query}`)).text();
    await (await fetch(`${url}/?${query}&offset=20`)).text();
    await service.until(() => service.events('request').length >= 2);
    const [first, next] = service.events('request').map(({ ms }) => ms as number);
    return { grep, first: first ?? Number.NaN, next: next ?? Number.NaN };
  } finally {
    service.child.kill('SIGKILL');
    await service.exited;
  }
}
