import { appendFileSync, closeSync, fstatSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { Pace } from '../../../src/search/corpus/pace.js';
import { findCandidates } from '../../../src/search/index/candidates.js';
import { IndexBuilder } from '../../../src/search/index/index-builder.js';
import { IndexFile } from '../../../src/search/index/index-file.js';
import { type TempFolder, tempFolder } from '../../helpers/temp-folder.js';

/** Larger than the chunks of checksums: a smaller file that has grown is scanned anew. */
const BASE = `${'x'.repeat(64 * 1024)}\n`.repeat(17);
const PIECES = ['needle\n', 'abcabc\n', '\n', '\r\n', ' \t', 'y', '\r', '\xc3', '\xa9\n', '%', '%\n', 'a\r\n', ' \n'];
const tail = fc.array(fc.constantFrom(...PIECES), { maxLength: 12 }).map((parts) => parts.join(''));

describe('IndexBuilder', function () {
  this.timeout(30_000);
  let folder: TempFolder;
  beforeEach(async () => {
    folder = await tempFolder();
  });
  afterEach(() => folder.remove());

  let built = 0;

  /** Builds an index of files in which each line is a block. */
  function build(names: readonly string[], previous?: IndexFile, maxColumns = 4_096): IndexFile {
    built += 1;
    const path = join(folder.path, `${built}.index`);
    const fd = openSync(path, 'wx');
    const options = { fd, dictionary: 'd', root: folder.path, previous, blockBytes: 1, bytesPerRow: 0, maxColumns };
    const builder = new IndexBuilder(options);
    for (const name of names) {
      const file = openSync(join(folder.path, name), 'r');
      builder.add({ path: name, fd: file, identity: fstatSync(file, { bigint: true }), textOffset: 0 }, () => true);
      closeSync(file);
    }
    builder.finish();
    closeSync(fd);
    return IndexFile.open(path);
  }

  const write = (name: string, text: string) => writeFileSync(join(folder.path, name), text, 'latin1');
  const append = (name: string, text: string) => appendFileSync(join(folder.path, name), text, 'latin1');
  const columnsOf = ({ tables }: IndexFile) => tables.segmentColumns.reduce((sum, each) => sum + each, 0);
  const candidates = async (index: IndexFile, term: string) => {
    const isCandidate = await findCandidates(index, [term], new Pace(new AbortController().signal));
    return Array.from({ length: index.blocks }, (_, block) => block).filter((block) => isCandidate?.(block));
  };

  /** Expects the tables of both to be equal, apart from columns and what an old part has left. */
  async function expectSame(actual: IndexFile, fresh: IndexFile): Promise<void> {
    for (const name of [
      ...['paths', 'identities', 'fileBlocks', 'lines', 'quotes', 'starts', 'ends'],
      ...['linesBefore', 'quotesBefore', 'quoteBlocks', 'checksums'],
    ] as const) {
      expect(actual.tables[name as 'lines'], name).to.deep.equal(fresh.tables[name as 'lines']);
    }
    const { traits } = fresh.tables;
    for (const [file, trait] of traits.entries()) {
      expect((actual.tables.traits[file] as number) & trait, 'traits').to.equal(trait);
    }
    for (const term of ['needle', 'abc', 'xxxx', 'é\n'.trim().repeat(2)]) {
      expect(await candidates(actual, term), term).to.include.members(await candidates(fresh, term));
    }
  }

  it('continues the index of a file that has grown, wherever it ended before', async () => {
    let continued = 0;
    await fc.assert(
      fc.asyncProperty(tail, tail, async (first, second) => {
        const name = `${built}.txt`;
        write(name, BASE + first);
        const previous = build([name]);
        append(name, second);
        const grown = build([name], previous);
        const fresh = build([name]);
        await expectSame(grown, fresh);
        if (columnsOf(grown) < columnsOf(previous) + columnsOf(fresh)) continued += 1;
        for (const index of [previous, grown, fresh]) index.release();
      }),
      { numRuns: 5, seed: 20 },
    );
    expect(continued).to.be.above(1);
  });

  it('scans a file anew if it was edited and has grown', async () => {
    for (const at of [0, BASE.length - 2]) {
      write('a.txt', `${BASE}abcabc\nabcabc\nend`);
      const previous = build(['a.txt']);
      write('a.txt', `${BASE.slice(0, at)}y${BASE.slice(at + 1)}abcabc\nabcabc\nend needle\n`);
      const grown = build(['a.txt'], previous);
      const fresh = build(['a.txt']);
      await expectSame(grown, fresh);
      expect(columnsOf(grown)).to.equal(columnsOf(previous) + columnsOf(fresh));
      for (const index of [previous, grown, fresh]) index.release();
    }
  });

  it('scans a file anew if it has shrunk, or was replaced by another one', async () => {
    write('a.txt', `${BASE}needle\n`);
    const previous = build(['a.txt']);
    write('a.txt', `${BASE}`);
    const shrunk = build(['a.txt'], previous);
    write('b.txt', `${BASE}needle\nabcabc\n`);
    const fresh = build(['a.txt']);
    await expectSame(shrunk, fresh);
    for (const index of [previous, shrunk, fresh]) index.release();
  });

  it('keeps the blocks of unchanged files, wherever they are', async () => {
    const names = ['a', 'b', 'c', 'd'];
    for (const name of names) write(name, `needle ${name}\n\nabcabc ${name}\n`);
    const previous = build(names);
    write('b', 'needle changed\n');
    write('bb', 'added needle\n');
    const changed = ['b', 'bb', 'c', 'd'];
    const updated = build(changed, previous);
    const fresh = build(changed);
    await expectSame(updated, fresh);
    // Columns of a and of the old b stay unused.
    expect(columnsOf(updated)).to.equal(columnsOf(previous) + 2);
    for (const index of [previous, updated, fresh]) index.release();
  });

  it('keeps full segments as they are', async () => {
    write('a', 'needle\nabcabc\n'.repeat(100));
    write('b', 'xxxx\n');
    const previous = build(['a', 'b'], undefined, 64);
    expect(previous.segments).to.be.above(2);
    write('b', 'xxxx xxxx needle\n');
    const updated = build(['a', 'b'], previous, 64);
    const fresh = build(['a', 'b']);
    await expectSame(updated, fresh);
    for (const index of [previous, updated, fresh]) index.release();
  });
});
