// Folders that change between two searches, or while an answer is read. Not a test file itself.
//
// The clock is faked, so that each state of a folder has settled. That is sound because no search
// runs during a change, and a tick of the kernel's clock passes between two changes.
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { type SinonFakeTimers, useFakeTimers } from 'sinon';
import type { ErrorCode } from '../../../../src/errors.js';
import type { Entry, SearchEngine, SearchQuery } from '../../../../src/search/engine.js';
import { MAX_PACKED_BYTES } from '../../../../src/search/engines/grep/packed-folders.js';
import { openEngine } from '../../../../src/search/open-engine.js';
import { engineOptions, searchQuery } from '../../../helpers/queries.js';
import { type TempFolder, tempFolder } from '../../../helpers/temp-folder.js';
import { codeOf } from '../engine-contract.js';
import { collectWithVersion } from './folder-steps.js';

const TICK_MS = 12;
const SECONDS = 1_000_000_000;
const never = new AbortController().signal;

export const FORMS: readonly [title: string, query: Partial<SearchQuery>][] = [
  ['lines', {}],
  ['lines by a regular expression', { syntax: 'regex', term: 'lov.' }],
  ['objects', { format: 'object' }],
  ['quotes', { unit: 'quote' }],
];

interface Place {
  /** The folder that is searched. */
  folder: string;
  /** Another folder among the dictionaries. */
  other: string;
  /** Different each time. */
  n: number;
}

interface Change {
  title: string;
  prepare?: (place: Place) => void;
  change: (place: Place) => void;
  undo?: (place: Place) => void;
  /** What the search and the version fail with. */
  code?: ErrorCode;
  /** Whether the files stay the same. */
  isHarmless?: boolean;
}

const text = (n: number) => `${String(n).padStart(6, '0')} love\n`;

function replace(path: string, spare: string, n: number): void {
  writeFileSync(spare, text(n));
  renameSync(spare, path);
}

function retarget(link: string, spare: string, target: string): void {
  symlinkSync(target, spare);
  renameSync(spare, link);
}

function rewrite(path: string, n: number): void {
  const { size } = statSync(path);
  writeFileSync(path, text(n));
  expect(statSync(path).size).to.equal(size);
  utimesSync(path, SECONDS, SECONDS);
}

/** Also possible in a folder of one file. */
const FILE_CHANGES: readonly Change[] = [
  {
    title: 'a file was replaced',
    change: ({ folder, other, n }) => replace(join(folder, 'a.txt'), join(other, 'spare'), n),
  },
  {
    title: 'a file was rewritten with the same size and modification time',
    prepare: ({ folder, n }) => {
      writeFileSync(join(folder, 'a.txt'), text(n + 500_000));
      utimesSync(join(folder, 'a.txt'), SECONDS, SECONDS);
    },
    change: ({ folder, n }) => rewrite(join(folder, 'a.txt'), n),
  },
  { title: 'a file was appended to', change: ({ folder, n }) => appendFileSync(join(folder, 'a.txt'), text(n)) },
  {
    title: 'a file became unreadable',
    change: ({ folder }) => chmodSync(join(folder, 'a.txt'), 0),
    undo: ({ folder }) => chmodSync(join(folder, 'a.txt'), 0o644),
    code: 'unreadable_dictionary',
  },
  {
    title: 'a file was written through another hard link',
    prepare: ({ folder, other }) => {
      rmSync(join(other, 'hard'), { force: true });
      linkSync(join(folder, 'a.txt'), join(other, 'hard'));
    },
    change: ({ other, n }) => writeFileSync(join(other, 'hard'), text(n)),
  },
  {
    title: 'a file was removed',
    prepare: ({ folder, n }) => writeFileSync(join(folder, 'removed.txt'), text(n)),
    change: ({ folder }) => rmSync(join(folder, 'removed.txt')),
  },
  {
    title: 'the only file of a subfolder was removed',
    prepare: ({ folder, n }) => {
      mkdirSync(join(folder, 'few'), { recursive: true });
      writeFileSync(join(folder, 'few/a.txt'), text(n));
    },
    change: ({ folder }) => rmSync(join(folder, 'few/a.txt')),
  },
  {
    title: 'a link was retargeted',
    prepare: ({ folder, other, n }) => {
      for (const name of ['one', 'two']) writeFileSync(join(other, name), `${name} ${text(n)}`);
      rmSync(join(folder, 'link.txt'), { force: true });
      symlinkSync('../other/one', join(folder, 'link.txt'));
    },
    change: ({ folder, other }) => retarget(join(folder, 'link.txt'), join(other, 'spare'), '../other/two'),
  },
  {
    title: 'the target of a link was replaced',
    change: ({ other, n }) => replace(join(other, 'two'), join(other, 'spare'), n),
  },
  {
    title: 'the target of a link was rewritten with the same size and modification time',
    change: ({ other, n }) => rewrite(join(other, 'two'), n),
  },
  {
    title: 'a link was made to lead outside',
    prepare: ({ folder, other, n }) => {
      writeFileSync(join(other, 'one'), text(n));
      rmSync(join(folder, 'link.txt'), { force: true });
      symlinkSync('../other/one', join(folder, 'link.txt'));
    },
    change: ({ folder, other }) => retarget(join(folder, 'link.txt'), join(other, 'spare'), '../../outside.txt'),
    undo: ({ folder }) => rmSync(join(folder, 'link.txt')),
  },
  {
    title: 'a link to the outside came and went',
    change: ({ folder }) => {
      symlinkSync('../../outside.txt', join(folder, 'outside.txt'));
      rmSync(join(folder, 'outside.txt'));
    },
    isHarmless: true,
  },
  {
    title: 'a file of a subfolder was replaced by a FIFO, which nobody writes',
    prepare: ({ folder, n }) => {
      mkdirSync(join(folder, 'odd'));
      writeFileSync(join(folder, 'odd/a.txt'), text(n));
    },
    change: ({ folder }) => {
      rmSync(join(folder, 'odd/a.txt'));
      execFileSync('mkfifo', [join(folder, 'odd/a.txt')]);
    },
    undo: ({ folder }) => rmSync(join(folder, 'odd'), { recursive: true }),
  },
  {
    title: 'a file of a subfolder was replaced by a link to an endless device',
    prepare: ({ folder, n }) => {
      mkdirSync(join(folder, 'odd'));
      writeFileSync(join(folder, 'odd/a.txt'), text(n));
    },
    change: ({ folder, other }) => retarget(join(folder, 'odd/a.txt'), join(other, 'spare'), '/dev/zero'),
    undo: ({ folder }) => rmSync(join(folder, 'odd'), { recursive: true }),
  },
  {
    title: 'a file was added',
    change: ({ folder, n }) => writeFileSync(join(folder, `added-${n}.txt`), text(n)),
    undo: ({ folder, n }) => rmSync(join(folder, `added-${n}.txt`)),
  },
  {
    title: 'a subfolder with a file was added',
    change: ({ folder, n }) => {
      mkdirSync(join(folder, `sub-${n}`));
      writeFileSync(join(folder, `sub-${n}/a.txt`), text(n));
    },
    undo: ({ folder, n }) => rmSync(join(folder, `sub-${n}`), { recursive: true }),
  },
  {
    title: 'a subfolder was renamed',
    prepare: ({ folder, n }) => {
      mkdirSync(join(folder, 'sub'));
      writeFileSync(join(folder, 'sub/a.txt'), text(n));
    },
    change: ({ folder }) => renameSync(join(folder, 'sub'), join(folder, 'renamed')),
    undo: ({ folder }) => rmSync(join(folder, 'renamed'), { recursive: true }),
  },
];

function makePadding(path: string): void {
  writeFileSync(path, `${'padding '.repeat(100)}\n`.repeat(Math.ceil(MAX_PACKED_BYTES / 800)));
}

export interface FolderChangesOptions {
  /** Whether to test each change with all forms, and with one form in folders of thousands of files. */
  isThorough: boolean;
}

export function describeFolderChanges({ isThorough }: FolderChangesOptions): void {
  const sizes: [title: string, files: number, isPadded: boolean][] = [
    ['one file', 1, false],
    ['140 files', 140, false],
    ['140 files, too large to be packed', 140, true],
  ];
  if (isThorough) sizes.push(['3,000 files', 3_000, false], ['3,000 files, too large to be packed', 3_000, true]);
  for (const [shift, [size, files, isPadded]] of sizes.entries()) {
    describe(`if it has ${size}`, () => {
      let temp: TempFolder;
      let engine: SearchEngine;
      let clock: SinonFakeTimers;
      let folder: string;
      let other: string;
      let n = 0;
      before(async () => {
        temp = await tempFolder();
        [folder, other] = ['folder', 'other'].map((name) => join(temp.path, 'inside', name)) as [string, string];
        for (const path of [folder, other]) mkdirSync(path, { recursive: true });
        writeFileSync(join(temp.path, 'outside.txt'), 'secret love\n');
        writeFileSync(join(folder, 'a.txt'), text(0));
        for (let file = 1; file < files; file += 1) {
          const isMatch = file % 100 === 0;
          writeFileSync(join(folder, `f${file}.txt`), isMatch ? `${file} love\n\nlonely\n` : 'hate\n');
        }
        if (isPadded) makePadding(join(folder, 'padding.txt'));
        clock = useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 });
        engine = await openEngine(engineOptions({ dictionariesDir: join(temp.path, 'inside') }));
      });
      after(async () => {
        clock.restore();
        await engine.close();
        await temp.remove();
      });

      const search = (searched: SearchEngine, query: Partial<SearchQuery>) =>
        collectWithVersion(searched.search(searchQuery({ dictionary: 'folder', ...query }), never));

      /** Returns the state of the folder as found by an engine that doesn't know it. */
      async function searchAfresh(query: Partial<SearchQuery>) {
        const fresh = await openEngine(engineOptions({ dictionariesDir: join(temp.path, 'inside') }));
        try {
          return { ...(await search(fresh, query)), version: await fresh.version('folder') };
        } finally {
          await fresh.close();
        }
      }

      for (const [index, { title, prepare, change, undo, code, isHarmless }] of FILE_CHANGES.entries()) {
        it(`finds what is there now: ${title}`, async () => {
          const one = FORMS[(index + shift) % FORMS.length] as (typeof FORMS)[number];
          const forms = isThorough && files < 3_000 ? FORMS : [one];
          for (const [form, query] of forms) {
            n += 1;
            const place = { folder, other, n };
            prepare?.(place);
            await sleep(TICK_MS);
            const before = await search(engine, query);
            expect(await engine.version('folder'), form).to.equal(before.version);
            expect(before.version).to.be.a('string');
            change(place);
            if (code === undefined) {
              const answer = await search(engine, query);
              expect(answer, form).to.deep.equal(await searchAfresh(query));
              expect(answer.version === before.version, form).to.equal(isHarmless ?? false);
              expect(await engine.version('folder'), form).to.equal(answer.version);
            } else {
              expect(await codeOf(search(engine, query)), form).to.equal(code);
              expect(await codeOf((async () => engine.version('folder'))()), form).to.equal(code);
            }
            undo?.(place);
            await sleep(TICK_MS);
          }
        });
      }
    });
  }
}

const LINES = 6_000;
/** Far more than is withheld, and than fits into a pipe. */
const longText = (letter: string) => `${letter} love ${letter.repeat(50)}\n\n`.repeat(LINES);

const CHANGES_DURING: readonly [title: string, change: (folder: string, outside: string) => void][] = [
  [
    'a file is replaced',
    (folder, outside) => {
      writeFileSync(join(outside, 'spare'), longText('b'));
      renameSync(join(outside, 'spare'), join(folder, 'z.txt'));
    },
  ],
  [
    'a file is rewritten with the same size and modification time',
    (folder) => {
      writeFileSync(join(folder, 'z.txt'), longText('b'));
      utimesSync(join(folder, 'z.txt'), SECONDS, SECONDS);
    },
  ],
  ['a file is removed', (folder) => rmSync(join(folder, 'z.txt'))],
  ['a file is added', (folder) => writeFileSync(join(folder, 'b.txt'), 'b love\n')],
  ['a file becomes unreadable', (folder) => chmodSync(join(folder, 'z.txt'), 0)],
  ['the folder is moved', (folder, outside) => renameSync(folder, join(outside, 'folder'))],
  [
    'a file is swapped for a link to the outside',
    (folder, outside) => {
      writeFileSync(join(outside, 'secret.txt'), 'secret love\n'.repeat(LINES));
      retarget(join(folder, 'z.txt'), join(outside, 'spare'), join(outside, 'secret.txt'));
    },
  ],
  [
    'a subfolder is swapped for a link to the outside',
    (folder, outside) => {
      mkdirSync(join(outside, 'sub'));
      writeFileSync(join(outside, 'sub/y.txt'), 'secret love\n'.repeat(LINES));
      renameSync(join(folder, 'sub'), join(outside, 'spare'));
      symlinkSync(join(outside, 'sub'), join(folder, 'sub'));
    },
  ],
];

export function describeChangesDuringAnswers(): void {
  for (const [size, isPadded] of [
    ['packed', false],
    ['too large to be packed', true],
  ] as const) {
    for (const isWarm of [true, false]) {
      describe(`if it is ${size} and ${isWarm ? 'known' : 'new'}`, () => {
        let temp: TempFolder;
        let engine: SearchEngine;
        let clock: SinonFakeTimers;
        let folder: string;
        let outside: string;
        beforeEach(async () => {
          temp = await tempFolder();
          folder = join(temp.path, 'inside/folder');
          outside = join(temp.path, 'outside');
          for (const path of [join(folder, 'sub'), outside]) mkdirSync(path, { recursive: true });
          for (const name of ['a.txt', 'sub/y.txt', 'z.txt']) {
            writeFileSync(join(folder, name), longText('a'));
            utimesSync(join(folder, name), SECONDS, SECONDS);
          }
          if (isPadded) makePadding(join(folder, 'padding.txt'));
          clock = useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 });
          engine = await openEngine(engineOptions({ dictionariesDir: join(temp.path, 'inside') }));
          await sleep(TICK_MS);
        });
        afterEach(async () => {
          clock.restore();
          await engine.close();
          await temp.remove();
        });

        for (const [index, [title, change]] of CHANGES_DURING.entries()) {
          const [form, query] = FORMS[(index + Number(isWarm)) % FORMS.length] as (typeof FORMS)[number];
          it(`reports it when ${title}: ${form}`, async () => {
            const start = () => engine.search(searchQuery({ dictionary: 'folder', ...query }), never);
            if (isWarm) await collectWithVersion(start());
            const answer = start();
            const first = await answer.next();
            expect(first.done).to.equal(false);
            expect((first.value as Entry[]).length).to.be.below(LINES);
            change(folder, outside);
            const entries: Entry[] = [];
            let outcome: string | undefined;
            try {
              for (;;) {
                const step = await answer.next();
                if (step.done) {
                  outcome = step.value.truncated;
                  expect(step.value.version).to.equal(undefined);
                  break;
                }
                entries.push(...step.value);
              }
            } catch (error) {
              outcome = (error as { code: string }).code;
            }
            const codes = ['dictionary_changed', 'unknown_dictionary', 'unreadable_dictionary'];
            expect(outcome).to.be.oneOf(codes);
            expect(JSON.stringify(entries)).to.not.include('secret');
            // What is packed stays as it was.
            if (!isPadded) expect(entries.some((entry) => JSON.stringify(entry).includes('b love'))).to.equal(false);
          });
        }
      });
    }
  }
}
