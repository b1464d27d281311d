// Many clients with different terms in a small dictionary, which has no index on the disk.
import { copyFileSync, mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PROJECT } from '../helpers/project.js';
import { type Cluster, killCluster, startCluster } from './cluster.js';
import { sendAll } from './compared-services.js';
import { drive, type Search } from './drive.js';
import { inTurn } from './in-turn.js';
import type { Timings } from './timings.js';
import { randomNumbers, termsIn } from './words.js';

export const CONNECTIONS = [32, 128];
const DICTIONARY = 'devils-dictionary.txt';
const RAMP_SECONDS = 0.5;
const WARM_UP_SECONDS = 1;
/** More than a server answers. They are created beforehand. */
const MAX_PER_SECOND = 20_000;
const CHECK_EVERY = 20;

export interface SmallSearchOptions {
  /** The settings of the compared services, by title. */
  environments: Record<string, Record<string, string>>;
  /** For the dictionary and logs. */
  folder: string;
  rounds: number;
  seconds: number;
  seed: number;
  /** Gets the requests per second, as `small CONNECTIONS TITLE`. */
  timings: Timings;
}

interface Answered {
  search: Search;
  answer: string;
}

/** Returns the number of answers that were compared. Throws if some differ. */
export async function measureSmallSearches(options: SmallSearchOptions): Promise<number> {
  const { environments, rounds, seconds, seed, timings } = options;
  const dictionaries = join(options.folder, 'small');
  mkdirSync(dictionaries);
  copyFileSync(join(PROJECT, 'dictionaries', DICTIONARY), join(dictionaries, DICTIONARY));
  const text = await readFile(join(dictionaries, DICTIONARY), 'latin1');
  const clusters = new Map<string, Cluster>();
  let compared = 0;
  try {
    for (const [title, env] of Object.entries(environments)) {
      const settings = { ...env, DICTIONARIES_DIR: dictionaries, DEFAULT_DICTIONARY: DICTIONARY };
      clusters.set(title, await startCluster('src/entry.js', settings, options.folder));
    }
    for (const connections of CONNECTIONS) {
      // The first round warms up.
      for (let round = -1; round < rounds; round += 1) {
        const anyTerm = termsIn(text, randomNumbers(seed + 1000 * (round + 2) + connections));
        for (const [title, cluster] of inTurn([...clusters], round)) {
          const answered: Answered[] = [];
          const { perSecond } = await drive({
            ...cluster,
            connections,
            seconds: round < 0 ? WARM_UP_SECONDS : seconds,
            rampSeconds: RAMP_SECONDS,
            createSearches: () =>
              Array.from({ length: Math.ceil((MAX_PER_SECOND * (seconds + RAMP_SECONDS)) / connections) }, () => ({
                term: asciiTerm(anyTerm),
              })),
            checkEvery: CHECK_EVERY,
            check: (search, answer) => answered.push({ search, answer }),
          });
          if (round >= 0) timings.record(`small ${connections} ${title}`, perSecond);
          const others = [...clusters.values()].filter((other) => other !== cluster);
          for (const each of answered) await compare(each, others);
          compared += answered.length;
        }
      }
    }
  } finally {
    for (const cluster of clusters.values()) killCluster(cluster);
  }
  return compared;
}

/** The text has been read as bytes, so other characters would not be found. */
function asciiTerm(anyTerm: () => string): string {
  for (;;) {
    const term = anyTerm();
    if (!/[^ -~]/.test(term)) return term;
  }
}

async function compare({ search, answer }: Answered, others: readonly Cluster[]): Promise<void> {
  for (const { port } of others) {
    const { answers } = await sendAll(`http://127.0.0.1:${port}`, [{ action: 'search', ...search }]);
    if (answers[0] !== answer) throw new Error(`The answers to ${search.term} differ`);
  }
}
