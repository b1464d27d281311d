// Searches with damaged indexes. Not a test file itself.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { restore, useFakeTimers } from 'sinon';
import { collect, type SearchEngine } from '../../../src/search/engine.js';
import { openGrep } from '../../../src/search/engines/grep/grep-engine.js';
import { IndexFile } from '../../../src/search/index/index-file.js';
import { HEADER_BYTES } from '../../../src/search/index/index-header.js';
import { ROWS } from '../../../src/search/index/rows.js';
import { randomNumbers } from '../../bench/words.js';
import { allQuery, engineOptions, searchQuery } from '../../helpers/queries.js';
import { type TempFolder, tempFolder } from '../../helpers/temp-folder.js';
import { buildIndex, type Rejection, usedIndexes } from './build-indexes.js';

const never = new AbortController().signal;

/** Few trigrams, so that most bytes of the index matter to some search. */
const TEXT = 'aaaaaa\n\naaaaab\nlove\n%%\naaaaac\nabcabc\n\nend'.repeat(2);
const QUESTIONS = [
  (engine: SearchEngine) => engine.search(searchQuery({ dictionary: 'book', term: 'love', syntax: 'word' }), never),
  (engine: SearchEngine) => engine.search(searchQuery({ dictionary: 'book', term: 'bcab', ignore_case: true }), never),
  (engine: SearchEngine) => engine.all(allQuery({ dictionary: 'book', unit: 'quote', offset: 3, nresults: 1 }), never),
];

export interface DamagedFixture {
  folder: TempFolder;
  dictionariesDir: string;
  dir: string;
  /** The path of the index of `book`. */
  path: string;
  /** The undamaged index. */
  bytes: Buffer;
}

export async function makeDamagedFixture(): Promise<DamagedFixture> {
  const folder = await tempFolder();
  const dictionariesDir = join(folder.path, 'dictionaries');
  mkdirSync(join(dictionariesDir, 'book'), { recursive: true });
  writeFileSync(join(dictionariesDir, 'book/a.txt'), TEXT);
  writeFileSync(join(dictionariesDir, 'book/b.txt'), 'another love\n');
  const dir = join(folder.path, 'index');
  const path = (await buildIndex('book', { dictionariesDir, dir })) as string;
  return { folder, dictionariesDir, dir, path, bytes: readFileSync(path) };
}

/** The parts of an index: the header, the rows and the tables without the lengths of absent rows. */
function interestingOffsets(bytes: Buffer): { name: string; from: number; to: number }[] {
  const tables = Number(bytes.readBigUInt64LE(16));
  return [
    { name: 'header', from: 0, to: HEADER_BYTES },
    { name: 'rows', from: HEADER_BYTES, to: tables },
    { name: 'tables', from: tables, to: bytes.length - 2 * ROWS },
    { name: 'row lengths', from: bytes.length - 2 * ROWS, to: bytes.length },
  ];
}

/** Returns damaged copies: flipped bits and bytes in every part, truncated, or longer. */
export function* damagedCopies(bytes: Buffer, count: number, seed: number) {
  const random = randomNumbers(seed);
  const below = (end: number) => Math.floor(random() * end);
  const parts = interestingOffsets(bytes);
  for (let at = 0; at < count; at += 1) {
    const { name, from, to } = parts[at % parts.length] as (typeof parts)[number];
    const offset = from + below(to - from);
    const copy = Buffer.from(bytes);
    const kind = below(6);
    if (kind === 0) yield { title: `cut off at ${offset}`, copy: copy.subarray(0, offset) };
    else if (kind === 1) yield { title: `longer`, copy: Buffer.concat([copy, Buffer.alloc(1 + below(100))]) };
    else {
      const flipped = kind === 2 ? 0xff : 1 << below(8);
      copy[offset] = (copy[offset] as number) ^ flipped;
      yield { title: `byte ${offset} in the ${name} xor ${flipped}`, copy };
    }
  }
}

export interface DamageTally {
  copies: number;
  /** How many were rejected. Damage in rows that no search reads goes unnoticed. */
  rejected: number;
}

/** Searches with each copy as the index. The answers must be as without an index. */
export async function searchDamaged(
  { dictionariesDir, dir, path }: DamagedFixture,
  copies: Iterable<{ title: string; copy: Buffer }>,
): Promise<DamageTally> {
  const rejections: Rejection[] = [];
  const options = engineOptions({ dictionariesDir });
  // A folder that has settled would be packed. With this clock, it never settles.
  useFakeTimers({ toFake: ['Date'], now: Date.now() });
  const plain = await openGrep(options);
  const engine = await openGrep({ ...options, index: usedIndexes(dir, rejections) });
  const tally: DamageTally = { copies: 0, rejected: 0 };
  try {
    const ask = (engine: SearchEngine) => Promise.all(QUESTIONS.map((question) => collect(question(engine))));
    const expected = await ask(plain);
    for (const { title, copy } of copies) {
      tally.copies += 1;
      rejections.length = 0;
      const draft = join(dirname(path), 'draft');
      writeFileSync(draft, copy);
      renameSync(draft, path);
      expect(await ask(engine), title).to.deep.equal(expected);
      expect(await ask(engine), title).to.deep.equal(expected);
      expect(rejections, title).to.have.length.at.most(1);
      tally.rejected += rejections.length;
    }
    return tally;
  } finally {
    await engine.close();
    await plain.close();
    restore();
  }
}

/** Flips every bit of every row, and of its checksum, while the index is open. */
export function expectRowDamageDetected(path: string, write: (offset: number, byte: number) => void): number {
  const bytes = readFileSync(path);
  const index = IndexFile.open(path);
  let flips = 0;
  try {
    for (let segment = 0; segment < index.segments; segment += 1) {
      const { rowLengths, offset } = index.segment(segment);
      let at = offset;
      for (const [row, length] of rowLengths.entries()) {
        if (length === 0) continue;
        for (let bit = 0; bit < 8 * (length + 4); bit += 1) {
          const byte = bytes[at + (bit >>> 3)] as number;
          write(at + (bit >>> 3), byte ^ (1 << (bit & 7)));
          expect(() => index.row(segment, row), `row ${row} bit ${bit}`).to.throw('damaged row');
          write(at + (bit >>> 3), byte);
          flips += 1;
        }
        index.row(segment, row);
        at += length + 4;
      }
    }
    return flips;
  } finally {
    index.release();
  }
}
