import { expect } from 'chai';
import fc from 'fast-check';
import { hasTraitIn } from '../../../src/search/corpus/text-traits.js';
import { isBlank, isPercent } from '../../../src/search/entries/quote-separators.js';
import { type Block, BlockScanner, type ScannedFile } from '../../../src/search/index/block-scanner.js';
import { HAS_CRLF, IS_FORTUNE } from '../../../src/search/index/index-tables.js';
import { rowsOf } from '../../../src/search/index/rows.js';
import { foldBytes } from '../../../src/search/pattern/folded-bytes.js';
import { bytes as hostileBytes } from '../engines/generators.js';

/** Collects columns. */
class Columns {
  readonly rows: Set<number>[] = [];
  get next(): number {
    return this.rows.length;
  }
  add(rows: Uint16Array): void {
    expect(new Set(rows)).to.have.property('size', rows.length);
    this.rows.push(new Set(rows));
  }
}

/** Longer than what the scanner keeps of a line. */
const LONG = 65 * 1024;

/** Divides a text after each offset. */
function divide(text: Buffer, offsets: readonly number[]): Buffer[] {
  const ends = [...offsets.map((offset) => Math.min(offset, text.length)), text.length].sort((a, b) => a - b);
  return ends.map((end, at) => text.subarray(ends[at - 1] ?? 0, end));
}

function scan(text: Buffer, { blockBytes = 1, bytesPerRow = 0, chunks = [text] } = {}) {
  const columns = new Columns();
  const scanner = new BlockScanner({ columns, blockBytes, bytesPerRow });
  const scanned = scanner.scan(chunks, { start: 0, end: text.length });
  scanner.flush();
  return { ...scanned, rows: columns.rows };
}

/** The lines of a text with their line ends. */
function linesOf(text: Buffer): string[] {
  return text.toString('latin1').match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** The line that begins each quote, by number from 0, and the line after its last one. */
function quotesOf(lines: readonly string[], isFortune: boolean): { from: number; to: number }[] {
  const isSeparator = isFortune ? isPercent : isBlank;
  const quotes: { from: number; to: number }[] = [];
  let isOpen = false;
  for (const [at, line] of lines.entries()) {
    if (isSeparator(line.replace(/\r?\n$|\r$/, ''))) isOpen = false;
    else {
      if (!isOpen) quotes.push({ from: at, to: at });
      isOpen = true;
      (quotes.at(-1) as { to: number }).to = at + 1;
    }
  }
  return quotes;
}

/** Compares what was scanned with what simpler code finds in the whole text. */
function check(text: Buffer, { blocks, rows, ...file }: ScannedFile & { rows: Set<number>[] }): void {
  const lines = linesOf(text);
  const isFortune = hasTraitIn(text, 'fortune');
  const quotes = quotesOf(lines, isFortune);
  expect(file.lines, 'lines').to.equal(lines.length);
  expect(file.quotes, 'quotes').to.equal(quotes.length);
  expect((file.traits & IS_FORTUNE) !== 0, 'fortune').to.equal(isFortune);
  expect((file.traits & HAS_CRLF) !== 0, 'crlf').to.equal(hasTraitIn(text, 'crlf'));
  const texts = lines.filter((line) => !isBlank(line.replace(/\r?\n$|\r$/, '')));
  const indents = texts.map((line) => (/^[ \t]*/.exec(line) as RegExpExecArray)[0].length);
  expect(file.indent, 'indent').to.be.at.least(Math.max(0, ...indents));
  expect(blocks.at(-1)?.end ?? 0).to.equal(text.length);
  let lineNumber = 0;
  let offset = 0;
  for (const [at, block] of blocks.entries()) {
    expect(block.start).to.equal(offset);
    expect(block.end).to.be.above(offset);
    const blockLines = linesOf(text.subarray(block.start, block.end));
    expect(block.end === text.length || blockLines.at(-1)?.endsWith('\n'), 'whole lines').to.equal(true);
    expect(block.linesBefore).to.equal(lineNumber);
    expect(block.quotesBefore, `quotes before block ${at}`).to.equal(
      quotes.filter(({ from }) => from < lineNumber).length,
    );
    const continued = quotes.find(({ from, to }) => from < lineNumber && lineNumber < to);
    const owner = continued === undefined ? at : blockOf(blocks, continued.from);
    expect(block.quoteBlock, `quote of block ${at}`).to.equal(owner);
    const expected = blockLines.flatMap((line) => rowsOf(foldBytes(Buffer.from(line.replace(/\n$/, ''), 'latin1'))));
    const actual = rows[block.column] as Set<number>;
    expect(
      expected.filter((row) => !actual.has(row)),
      `missing rows of block ${at}`,
    ).to.deep.equal([]);
    lineNumber += blockLines.length;
    offset = block.end;
  }
}

function blockOf(blocks: readonly Block[], line: number): number {
  return blocks.findLastIndex(({ linesBefore }) => linesBefore <= line);
}

const offsets = fc.array(fc.nat(200), { maxLength: 8 });
const blockBytes = fc.constantFrom(1, 5, 20, 100, 1_000);
/** Lines with few trigrams, so that there can be many blocks. */
const repetitive = fc
  .array(fc.constantFrom('aaaaaa\n', 'aaaaab\n', '\n', ' \n', '\r\n', '%\n', '%\r\n', 'aa\r\n', ' \taaaa\n'), {
    maxLength: 30,
  })
  .chain((lines) => fc.constantFrom('', 'a', '%', ' ', '\r', 'é').map((last) => Buffer.from(lines.join('') + last)));

describe('BlockScanner', () => {
  it('finds the blocks, lines, quotes, traits and rows of any text, wherever its chunks end', () => {
    fc.assert(
      fc.property(fc.oneof(hostileBytes, repetitive), offsets, blockBytes, (text, at, blockBytes) => {
        check(text, scan(text, { blockBytes, chunks: divide(text, at) }));
      }),
      { numRuns: 1_000, seed: 20 },
    );
  });

  it('scans lines that are too long to keep, wherever chunks end', () => {
    const parts = ['x', 'é', ' ', '\t', '\r', '\n', '%', '\r\n', 'a \r', '\xff', ' '.repeat(LONG), 'y'.repeat(LONG)];
    const part = fc.constantFrom(...parts, 'é'.repeat(LONG / 2), '日'.repeat(LONG / 3), `${' '.repeat(LONG)}\r\n`);
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), fc.array(fc.nat(3 * LONG), { maxLength: 3 }), (parts, at) => {
        const text = Buffer.from(parts.join(''), 'utf8');
        const close = at.flatMap((offset) => [offset, offset + 1, offset + 2]);
        check(text, scan(text, { blockBytes: 16, chunks: divide(text, close) }));
      }),
      { numRuns: 25, seed: 20 },
    );
  });

  it('finds characters that chunks divide, in lines of any length', () => {
    for (const before of ['', 'x'.repeat(LONG)]) {
      for (const character of ['é', '日', '😀', '\u212a', 'ſ']) {
        const text = Buffer.from(`${before}a${character}${character}b\n`);
        for (let back = 1; back < 12; back += 1) {
          const at = text.length - back;
          const chunks = before === '' ? divide(text, [at]) : divide(text, [LONG - 3, at, at + 1]);
          check(text, scan(text, { chunks }));
        }
      }
    }
  });

  it('keeps broken characters at the borders of chunks as they are', () => {
    const pieces = [[0xf0, 0x9f], [0xe6, 0x97], [0xc3], [0xff], [0x80], [0x41, 0x42, 0x43], [0x0a]];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 20 }), offsets, (pieces, at) => {
        const text = Buffer.from(pieces.flat());
        check(text, scan(text, { chunks: divide(text, at) }));
      }),
      { numRuns: 500, seed: 20 },
    );
  });

  it('finds no block in an empty file', () => {
    expect(scan(Buffer.alloc(0))).to.deep.equal({ blocks: [], lines: 0, quotes: 0, traits: 0, indent: 0, rows: [] });
  });

  it('says of a block that begins with a separator that no quote continues into it', () => {
    const { blocks } = scan(Buffer.from('aaaaaa\n\naaaaab\n\naaaaac\n'), { blockBytes: 7 });
    const [, second] = blocks;
    expect(second).to.include({ linesBefore: 1, quotesBefore: 1, quoteBlock: 1 });
  });

  it('puts small files into one column, and never two files into one block', () => {
    const columns = new Columns();
    const scanner = new BlockScanner({ columns, blockBytes: 100 });
    const scanned = Array.from({ length: 5 }, (_, at) =>
      scanner.scan([Buffer.from(`text ${at}\n`)], { start: 0, end: 7 }),
    );
    scanner.flush();
    expect(scanned.map(({ blocks }) => blocks.length)).to.deep.equal([1, 1, 1, 1, 1]);
    expect(new Set(scanned.flatMap(({ blocks }) => blocks.map(({ column }) => column)))).to.deep.equal(new Set([0]));
    expect(columns.rows).to.have.length(1);
    for (let at = 0; at < 5; at += 1) {
      expect([...(columns.rows[0] as Set<number>)]).to.include.members(rowsOf(Buffer.from(`text ${at}`)));
    }
  });

  it('starts after a byte order mark', () => {
    const columns = new Columns();
    const scanner = new BlockScanner({ columns, blockBytes: 1 });
    const { blocks } = scanner.scan([Buffer.from('love\n')], { start: 3, end: 8 });
    scanner.flush();
    expect(blocks).to.have.length(1);
    expect(blocks[0]).to.include({ start: 3, end: 8, linesBefore: 0 });
  });

  it('bounds the size of the index: a column has no more rows than a third of its bytes', () => {
    const random = Array.from({ length: 3_000 }, (_, at) => `${(at * 7_919) % 9_973}\n`).join('');
    const { rows, blocks } = scan(Buffer.from(random), { bytesPerRow: 3 });
    for (const { start, end, column } of blocks.slice(0, -1)) {
      expect((rows[column] as Set<number>).size).to.be.at.most((end - start) / 3);
    }
  });
});
