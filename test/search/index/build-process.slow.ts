// Builds that are killed, or have no space, and services that share a folder of indexes.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { Dictionaries } from '../../../src/search/corpus/dictionaries.js';
import { TIMESTAMP_RESOLUTION_MS } from '../../../src/search/corpus/dictionary-file.js';
import type { BuildTask } from '../../../src/search/index/build-task.js';
import { IndexFile } from '../../../src/search/index/index-file.js';
import { IndexKeeper } from '../../../src/search/index/index-keeper.js';
import { IndexStore } from '../../../src/search/index/index-store.js';
import { ROWS } from '../../../src/search/index/rows.js';
import { createSearchCounts } from '../../../src/search/search-counts.js';
import { randomNumbers } from '../../bench/words.js';
import { describeWithMounts, withMounts } from '../../helpers/mounts.js';
import { PROJECT } from '../../helpers/project.js';
import { type TempFolder, tempFolder } from '../../helpers/temp-folder.js';

const never = new AbortController().signal;
const MIB = 1024 * 1024;
const PROGRAM = join(PROJECT, 'dist/src/search/index/build-process.js');
const LINE = 'a needle in a haystack, or some 100 bytes of text that say nothing at all to anybody\n';

describe('the process that builds indexes', function () {
  this.timeout(180_000);
  let folder: TempFolder;
  let dictionariesDir: string;
  let indexDir: string;
  let store: IndexStore;
  beforeEach(async () => {
    folder = await tempFolder();
    dictionariesDir = join(folder.path, 'dictionaries');
    indexDir = join(folder.path, 'index');
    mkdirSync(dictionariesDir);
    store = new IndexStore(indexDir, dictionariesDir);
    store.create();
  });
  afterEach(() => folder.remove());

  const task = (names: readonly string[]): string =>
    JSON.stringify({ dictionariesDir, indexDir, maxBytes: 1_000 * MIB, names } satisfies BuildTask);
  const filesIn = () => readdirSync(dirname(store.lockPath)).filter((name) => name !== 'root');

  /** Writes a dictionary, and waits until it can be indexed. */
  async function write(name: string, bytes: number, prefix = ''): Promise<void> {
    const draft = join(folder.path, 'draft');
    writeFileSync(draft, prefix + LINE.repeat(bytes / LINE.length));
    renameSync(draft, join(dictionariesDir, name));
    await sleep(TIMESTAMP_RESOLUTION_MS + 100);
  }

  /** Whether every row of an index can be read, if there is one. */
  function isComplete(name: string): boolean {
    if (!filesIn().includes(store.pathOf(name).split('/').at(-1) as string)) return false;
    const index = IndexFile.open(store.pathOf(name));
    for (let segment = 0; segment < index.segments; segment += 1) {
      for (let row = 0; row < ROWS; row += 1) index.row(segment, row);
    }
    index.release();
    return true;
  }

  it('leaves the old index, none or a new one when it is killed at any moment', async () => {
    const random = randomNumbers(20);
    await write('a.txt', 20 * MIB);
    let killed = 0;
    for (let round = 0; round < 12; round += 1) {
      if (round === 6) {
        execFileSync(process.execPath, [PROGRAM, task(['a.txt'])]);
        expect(isComplete('a.txt')).to.equal(true);
        await write('a.txt', 20 * MIB, 'another version\n');
      }
      const before = round >= 6 ? readFileSync(store.pathOf('a.txt')) : undefined;
      const child = spawn(process.execPath, [PROGRAM, task(['a.txt'])], { stdio: ['ignore', 'pipe', 'inherit'] });
      const closed = once(child, 'close');
      let output = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
      await once(child.stdout, 'data');
      await sleep(random() * 600);
      child.kill('SIGKILL');
      await closed;
      if (!output.includes('"ended"')) {
        killed += 1;
        if (before !== undefined && !readFileSync(store.pathOf('a.txt')).equals(before)) isComplete('a.txt');
      }
      store.removeDrafts();
      const expected = round < 6 && !isComplete('a.txt') ? 0 : 1;
      expect(filesIn(), `round ${round}`).to.have.length(expected);
      if (round < 5) store.remove('a.txt');
    }
    expect(killed).to.be.above(2);
  });

  it('prints what it does, and goes on after a failure', async () => {
    await write('a.txt', MIB);
    mkdirSync(store.pathOf('a.txt'));
    writeFileSync(join(dictionariesDir, 'b.txt'), LINE);
    await sleep(TIMESTAMP_RESOLUTION_MS + 100);
    const output = execFileSync(process.execPath, [PROGRAM, task(['a.txt', 'gone.txt', 'b.txt'])], {
      encoding: 'utf8',
    });
    const events = eventsIn(output.trim().split('\n'));
    expect(events.map(({ event, dictionary }) => `${event} ${dictionary}`)).to.deep.equal([
      'started a.txt',
      'failed a.txt',
      'started gone.txt',
      'failed gone.txt',
      'started b.txt',
      'ended b.txt',
    ]);
  });

  it('builds each index once for several services, and leaves only indexes behind', async () => {
    for (const name of ['a.txt', 'b.txt', 'c.txt']) writeFileSync(join(dictionariesDir, name), LINE.repeat(1_000));
    // As left behind by a process that was killed.
    writeFileSync(store.draftPathOf('a.txt').replace(/-[^-]+-[^-]+$/, '-1-99999999'), 'draft');
    await sleep(TIMESTAMP_RESOLUTION_MS + 100);
    const built: string[] = [];
    const failures: unknown[] = [];
    const dictionaries = await Dictionaries.open(dictionariesDir);
    const keepers = Array.from(
      { length: 3 },
      () =>
        new IndexKeeper({
          dictionaries,
          counts: createSearchCounts().index,
          options: {
            dir: indexDir,
            minBytes: 0,
            maxBytes: 100 * MIB,
            log: {
              onBuildStart: () => {},
              onBuildEnd: ({ dictionary }) => built.push(dictionary),
              onBuildFailed: ({ error }) => failures.push(error),
              onRejected: ({ reason }) => failures.push(reason),
            },
          },
        }),
    );
    for (const keeper of keepers) keeper.start();
    try {
      const states = async () => {
        const { dictionaries: all } = await dictionaries.list(never);
        return Promise.all(keepers.flatMap((keeper) => all.map((each) => keeper.stateOf(each, never))));
      };
      while ((await states()).some((state) => state !== 'current')) await sleep(50);
      // Further checks find nothing to do.
      await sleep(3_000);
    } finally {
      for (const keeper of keepers) await keeper.close();
    }
    expect(failures).to.deep.equal([]);
    expect(built.sort()).to.deep.equal(['a.txt', 'b.txt', 'c.txt']);
    expect(filesIn()).to.have.members(store.list().map(({ path }) => path.split('/').at(-1)));
    expect(filesIn()).to.have.length(3);
  });

  it('is ended by the service, whose next start cleans up', async () => {
    await write('a.txt', 60 * MIB);
    const dictionaries = await Dictionaries.open(dictionariesDir);
    let isBuilding: () => void = () => {};
    const building = new Promise<void>((resolve) => {
      isBuilding = resolve;
    });
    const log = { onBuildStart: isBuilding, onBuildEnd: () => {}, onBuildFailed: () => {}, onRejected: () => {} };
    const options = {
      dir: indexDir,
      minBytes: 0,
      maxBytes: 1_000 * MIB,
      log: { ...log, onBuildStart: () => isBuilding() },
    };
    const keeper = new IndexKeeper({ dictionaries, counts: createSearchCounts().index, options });
    keeper.start();
    await building;
    await sleep(100);
    await keeper.close();
    // No lock, at most a draft.
    expect(filesIn().filter((name) => !name.includes('.draft-'))).to.deep.equal([]);
    store.removeDrafts();
    expect(filesIn()).to.deep.equal([]);
  });

  describeWithMounts('with mounts', () => {
    it('reports a full disk, and leaves the old index and no draft', async () => {
      await write('a.txt', 2 * MIB);
      const mount = `mount -t tmpfs -o size=2m none '${indexDir}'; mkdir -p '${dirname(store.lockPath)}'`;
      const script = `"$0" '${PROGRAM}' "$1"; cp '${dictionariesDir}/a.txt' '${indexDir}/full' 2>/dev/null; "$0" '${PROGRAM}' "$2"; ls '${dirname(store.lockPath)}'`;
      writeFileSync(join(dictionariesDir, 'b.txt'), Array.from({ length: 200_000 }, (_, line) => `${line}\n`).join(''));
      await sleep(TIMESTAMP_RESOLUTION_MS + 100);
      const [program = '', ...args] = withMounts(mount);
      const command = ['sh', '-c', script, process.execPath, task(['a.txt']), task(['a.txt', 'b.txt'])];
      const { stdout, stderr } = spawnSync(program, [...args, ...command], { encoding: 'utf8' });
      expect(stderr).to.equal('');
      const lines = stdout.trim().split('\n');
      const events = eventsIn(lines.filter((line) => line.startsWith('{')));
      expect(
        events.map(({ event, dictionary, outcome = '' }) => `${event} ${dictionary} ${outcome}`.trim()),
      ).to.deep.equal([
        'started a.txt',
        'ended a.txt built',
        'started a.txt',
        'failed a.txt',
        'started b.txt',
        'failed b.txt',
      ]);
      expect(
        events.filter(({ message }) => message !== undefined).every(({ message }) => /ENOSPC/.test(message)),
      ).to.equal(true);
      expect(lines.filter((line) => !line.startsWith('{'))).to.deep.equal([store.pathOf('a.txt').split('/').at(-1)]);
    });

    it('fails in a read-only folder, in which a damaged index changes no answer and is reported once', async () => {
      await write('a.txt', 2 * MIB, 'love\n');
      execFileSync(process.execPath, [PROGRAM, task(['a.txt'])]);
      const bytes = readFileSync(store.pathOf('a.txt'));
      const [program = '', ...args] = withMounts(
        `mount --bind '${indexDir}' '${indexDir}'; mount -o remount,ro,bind '${indexDir}'`,
      );
      const run = (...command: string[]) =>
        execFileSync(program, [...args, process.execPath, ...command], { encoding: 'utf8' });
      const search = () =>
        JSON.parse(
          run(join(PROJECT, 'dist/test/helpers/indexed-search.js'), dictionariesDir, indexDir, 'a.txt', 'love'),
        );
      expect(run(PROGRAM, task(['a.txt']))).to.match(/"failed".*EROFS/);
      const answers = [['love'], ['love']];
      expect(search()).to.deep.equal({ answers, rejections: [] });
      for (const damaged of [bytes.subarray(0, 1_000), flipped(bytes, 10), flipped(bytes, bytes.length - 9)]) {
        writeFileSync(store.pathOf('a.txt'), damaged);
        const { answers: actual, rejections } = search();
        expect(actual).to.deep.equal(answers);
        expect(rejections).to.have.length(1);
      }
    });
  });
});

/** Without those of progress: how many there are depends on the speed of the machine. */
function eventsIn(lines: readonly string[]) {
  return lines.map((line) => JSON.parse(line)).filter(({ event }) => event !== 'progress');
}

function flipped(bytes: Buffer, offset: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[offset] = (copy[offset] as number) ^ 1;
  return copy;
}
