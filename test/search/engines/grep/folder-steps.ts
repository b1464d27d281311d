// Searches of folders in which files change at any step of a search. Not a test file itself.
//
// The folders really are as old as the search assumes: with a faked clock, a file that changes
// during a search would look settled, and its next change could go unnoticed.
import { linkSync, mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { AppError } from '../../../../src/errors.js';
import { TIMESTAMP_RESOLUTION_MS } from '../../../../src/search/corpus/dictionary-file.js';
import type { Answer, Entry, SearchEngine, SearchQuery, Summary } from '../../../../src/search/engine.js';
import { MAX_PACKED_BYTES } from '../../../../src/search/engines/grep/packed-folders.js';
import { openEngine } from '../../../../src/search/open-engine.js';
import { randomNumbers } from '../../../bench/words.js';
import { engineOptions, searchQuery } from '../../../helpers/queries.js';
import { runInSteps } from '../../../helpers/steps.js';
import { type TempFolder, tempFolder } from '../../../helpers/temp-folder.js';

/** Two changes within a tick of the kernel's clock can have the same time. */
const TICK_MS = 12;
const SETTLING_MS = TIMESTAMP_RESOLUTION_MS + 100;
/** How long a new folder certainly isn't settled, which includes the searches in it. */
const FRESH_MS = TIMESTAMP_RESOLUTION_MS / 4;
const MAX_STEPS_BETWEEN = 60;
const SECONDS = 1_000_000_000;
const never = new AbortController().signal;

/** The lines of a folder, by file. */
type State = Readonly<Record<string, string>>;

const OLD: State = {
  'a.txt': 'a old love',
  'b.txt': 'b old love',
  'c.txt': 'c old love',
  'sub/d.txt': 'd old love',
};
const { 'b.txt': _b, ...withoutB } = OLD;
const { 'sub/d.txt': _d, ...withoutSub } = OLD;

/** In the order of the files. */
const linesOf = (state: State) =>
  Object.keys(state)
    .sort()
    .map((file) => state[file] as string);

/** What happens at one step, and perhaps something else some steps later. */
interface Change {
  title: string;
  /** The states after each of them. */
  states: readonly State[];
  /** @param spare a folder outside the dictionaries folder, for this change only */
  steps: readonly ((folder: string, spare: string) => void)[];
}

const write = (path: string, text: string) => writeFileSync(path, `${text}\n`);

// Each changes two files, so that an answer with one old and one new file shows.
const CHANGES: readonly Change[] = [
  {
    title: 'rewritten in place',
    states: [{ ...OLD, 'a.txt': 'a new love', 'sub/d.txt': 'd new love' }],
    steps: [
      (folder) => {
        for (const [name, text] of [
          ['a.txt', 'a new love'],
          ['sub/d.txt', 'd new love'],
        ] as const) {
          write(join(folder, name), text);
          utimesSync(join(folder, name), SECONDS, SECONDS);
        }
      },
    ],
  },
  {
    title: 'replaced',
    states: [{ ...OLD, 'a.txt': 'a newer love', 'c.txt': 'c newer love' }],
    steps: [
      (folder, spare) => {
        for (const letter of ['a', 'c']) write(join(spare, letter), `${letter} newer love`);
        for (const letter of ['a', 'c']) renameSync(join(spare, letter), join(folder, `${letter}.txt`));
      },
    ],
  },
  {
    title: 'removed',
    states: [{ 'b.txt': 'b old love', 'c.txt': 'c old love' }],
    steps: [
      (folder) => {
        unlinkSync(join(folder, 'a.txt'));
        rmSync(join(folder, 'sub'), { recursive: true });
      },
    ],
  },
  {
    title: 'added',
    states: [{ ...OLD, 'aa.txt': 'aa new love', 'sub/dd.txt': 'dd new love' }],
    steps: [
      (folder) => {
        write(join(folder, 'aa.txt'), 'aa new love');
        write(join(folder, 'sub/dd.txt'), 'dd new love');
      },
    ],
  },
  {
    title: 'swapped for links and back',
    states: [withoutB, { ...OLD, 'b.txt': 'b new love' }],
    steps: [
      (folder, spare) => {
        write(join(spare, 'secret.txt'), 'secret love');
        symlinkSync(join(spare, 'secret.txt'), join(spare, 'link'));
        renameSync(join(spare, 'link'), join(folder, 'b.txt'));
      },
      (folder, spare) => {
        write(join(spare, 'b'), 'b new love');
        renameSync(join(spare, 'b'), join(folder, 'b.txt'));
      },
    ],
  },
  {
    title: 'in a subfolder that is swapped for a link and back',
    states: [withoutSub, OLD],
    steps: [
      (folder, spare) => {
        mkdirSync(join(spare, 'outside'));
        write(join(spare, 'outside/d.txt'), 'secret love');
        renameSync(join(folder, 'sub'), join(spare, 'sub'));
        symlinkSync(join(spare, 'outside'), join(folder, 'sub'));
      },
      (folder, spare) => {
        unlinkSync(join(folder, 'sub'));
        renameSync(join(spare, 'sub'), join(folder, 'sub'));
      },
    ],
  },
];

interface Mode {
  title: string;
  isSettled: boolean;
  /** Whether the folder is too large to be packed. */
  isLarge: boolean;
  /** Whether an earlier search knows the folder. */
  isWarm: boolean;
}

const MODES: readonly Mode[] = [
  { title: 'in a folder that has not settled', isSettled: false, isLarge: false, isWarm: false },
  { title: 'while a folder is packed', isSettled: true, isLarge: false, isWarm: false },
  { title: 'in a packed folder', isSettled: true, isLarge: false, isWarm: true },
  { title: 'in a large folder that is searched for the first time', isSettled: true, isLarge: true, isWarm: false },
  { title: 'in a large folder', isSettled: true, isLarge: true, isWarm: true },
];

const QUERIES: readonly Partial<SearchQuery>[] = [
  {},
  { syntax: 'regex', term: 'lov.' },
  { format: 'object' },
  { unit: 'quote' },
];

/** Supplies each search with a folder of its own, which nothing has changed since it was made. */
class Folders {
  readonly #root: string;
  readonly #size: number;
  readonly #ready = new Map<string, { names: string[]; madeMs: number }>();
  #made = 0;

  constructor(root: string, size: number) {
    this.#root = root;
    this.#size = size;
  }

  async take({ isLarge, isSettled }: Mode): Promise<string> {
    const key = `${isLarge} ${isSettled}`;
    const ready = this.#ready.get(key);
    const isUsable = isSettled || performance.now() - (ready?.madeMs ?? 0) < FRESH_MS;
    const name = isUsable ? ready?.names.pop() : undefined;
    if (name !== undefined) return name;
    const names = this.#make(isSettled ? this.#size : 16, isLarge);
    const last = names.pop() as string;
    this.#ready.set(key, { names, madeMs: performance.now() });
    // The other kind of settled folders settles meanwhile.
    const other = `${!isLarge} true`;
    const isOtherUsed = this.#ready.has(other);
    if (isSettled && !isOtherUsed) {
      this.#ready.set(other, { names: this.#make(this.#size, !isLarge), madeMs: performance.now() });
    }
    await sleep(isSettled ? SETTLING_MS : TICK_MS);
    return last;
  }

  #make(count: number, isLarge: boolean): string[] {
    const names = Array.from({ length: count }, () => `n${++this.#made}`);
    // Linking a file is a change of it, so each set has a file of its own.
    const padding = join(this.#root, `padding-${this.#made}`);
    if (isLarge) writeFileSync(padding, `${'padding '.repeat(100)}\n`.repeat(MAX_PACKED_BYTES / 800));
    for (const name of names) {
      const folder = join(this.#root, 'inside', name);
      mkdirSync(join(folder, 'sub'), { recursive: true });
      mkdirSync(join(this.#root, 'spare', name), { recursive: true });
      for (const [file, text] of Object.entries(OLD)) {
        write(join(folder, file), text);
        utimesSync(join(folder, file), SECONDS, SECONDS);
      }
      if (isLarge) linkSync(padding, join(folder, 'padding.txt'));
    }
    return names;
  }
}

/** Unlike `collect`, keeps the version. */
export async function collectWithVersion(answer: Answer): Promise<Summary & { entries: Entry[] }> {
  const entries: Entry[] = [];
  for (;;) {
    const step = await answer.next();
    if (step.done) return { ...step.value, entries };
    entries.push(...step.value);
  }
}

export interface FolderStepsOptions {
  /** How many steps to test with each query. Omitted to test each step with one of the queries. */
  samples?: number;
  /** How many folders are made at once. */
  folders: number;
  seed: number;
}

export function describeFolderSteps({ samples, folders: size, seed }: FolderStepsOptions): void {
  let temp: TempFolder;
  let engine: SearchEngine;
  /** Knows nothing of a folder that another engine has searched. */
  let reference: SearchEngine;
  let folders: Folders;
  const random = randomNumbers(seed);
  before(async () => {
    temp = await tempFolder();
    mkdirSync(join(temp.path, 'inside'));
    write(join(temp.path, 'inside/0.txt'), 'love');
    const options = engineOptions({ dictionariesDir: join(temp.path, 'inside') });
    [engine, reference] = [await openEngine(options), await openEngine(options)];
    folders = new Folders(temp.path, size);
  });
  after(async () => {
    await engine.close();
    await reference.close();
    await temp.remove();
  });

  const search = async (query: Partial<SearchQuery>) => {
    const { entries, ...summary } = await collectWithVersion(engine.search(searchQuery(query), never));
    const lines = entries.map((entry) => (typeof entry === 'string' ? entry : entry.text));
    // Objects also tell the file.
    const paths = entries.flatMap((entry) => (typeof entry === 'string' ? [] : [entry.file]));
    return { lines, paths, ...summary };
  };

  /** Changes a folder at the step `at` of a search. Returns the number of steps of the search. */
  async function changeAt(at: number, mode: Mode, { states, steps }: Change, query: Partial<SearchQuery>) {
    const dictionary = await folders.take(mode);
    const [folder, spare] = ['inside', 'spare'].map((name) => join(temp.path, name, dictionary)) as [string, string];
    const remaining = [...steps];
    const change = () => remaining.shift()?.(folder, spare);
    if (mode.isWarm) await search({ dictionary, ...query });
    const oldVersion = await reference.version(dictionary);
    let nextAt = at;
    let count = 0;
    const outcome = await runInSteps(
      () =>
        search({ dictionary, ...query }).catch((error: unknown) => {
          if (!(error instanceof AppError)) throw error;
          return error.code;
        }),
      (step) => {
        count = step;
        if (step !== nextAt) return;
        change();
        nextAt += 1 + Math.floor(random() * MAX_STEPS_BETWEEN);
      },
    );
    const wasChanged = remaining.length < steps.length;
    while (remaining.length > 0) change();
    // The engine itself learns of the change only by the next search.
    const newVersion = await reference.version(dictionary);
    const where = `at step ${at} of ${count}, ${JSON.stringify(query)}, ${dictionary}`;

    const isUndisturbed = typeof outcome !== 'string' && outcome.truncated === undefined;
    expect(JSON.stringify(outcome), where).to.not.include('secret');
    if (!isUndisturbed) {
      const codes = ['dictionary_changed', 'unknown_dictionary', 'unreadable_dictionary'];
      expect(wasChanged && (typeof outcome === 'string' ? outcome : outcome.truncated), where).to.be.oneOf(codes);
    } else {
      const texts = [OLD, ...states].map((state) => linesOf(state).join());
      expect(outcome.lines.join(), where).to.be.oneOf(wasChanged ? texts : texts.slice(0, 1));
      expect(outcome.nrOfEntries, where).to.equal(outcome.lines.length);
      const versions = [oldVersion, ...states.slice(1).map(() => undefined), newVersion];
      const candidates = versions.filter((_, index) => texts[index] === outcome.lines.join());
      if (outcome.version !== undefined && !candidates.includes(undefined)) {
        expect(outcome.version, where).to.be.oneOf(candidates);
      }
      if (!mode.isSettled) expect(outcome.version, where).to.equal(undefined);
    }
    const last = states.at(-1) as State;
    const next = await search({ dictionary, ...query });
    expect(next.lines, where).to.deep.equal(linesOf(last));
    const paths = Object.keys(last)
      .sort()
      .map((path) => `${dictionary}/${path}`);
    if (query.format === 'object') expect(next.paths, where).to.deep.equal(paths);
    expect(next.truncated, where).to.equal(undefined);
    expect(next.version, where).to.equal(newVersion);
    return count;
  }

  /** The number of steps of an undisturbed search. */
  const counts = new Map<string, number>();
  for (const mode of MODES) {
    for (const change of CHANGES) {
      it(`answers from one state of the files: ${change.title}, ${mode.title}`, async () => {
        if (samples === undefined) {
          const shift = Math.floor(random() * QUERIES.length);
          const finished = new Set<number>();
          for (let at = 1; finished.size < QUERIES.length; at += 1) {
            const index = (at + shift) % QUERIES.length;
            const steps = await changeAt(at, mode, change, QUERIES[index] as Partial<SearchQuery>);
            if (steps < at) finished.add(index);
          }
          return;
        }
        for (const query of QUERIES) {
          const key = JSON.stringify([mode, query]);
          const count = counts.get(key) ?? (await changeAt(Number.POSITIVE_INFINITY, mode, change, query));
          counts.set(key, count);
          for (let sample = 0; sample < samples; sample += 1) {
            await changeAt(1 + Math.floor(((sample + random()) / samples) * count), mode, change, query);
          }
        }
      });
    }
  }
}
