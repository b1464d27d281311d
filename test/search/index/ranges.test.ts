import { expect } from 'chai';
import fc from 'fast-check';
import type { Unit } from '../../../src/search/engine.js';
import { FileBlocks } from '../../../src/search/index/ranges.js';

interface Line {
  /** The number of its quote, or `undefined` if it separates quotes. */
  quote: number | undefined;
  block: number;
}

/** Lines, and whether each is a separator and begins a block. The first one always does. */
const lines = fc
  .array(fc.record({ isSeparator: fc.boolean(), beginsBlock: fc.boolean() }), { minLength: 1, maxLength: 40 })
  .map((lines): Line[] => {
    let [quote, block, isOpen] = [-1, -1, false];
    return lines.map(({ isSeparator, beginsBlock }) => {
      if (beginsBlock || block === -1) block += 1;
      if (!isSeparator && !isOpen) quote += 1;
      isOpen = !isSeparator;
      return { quote: isSeparator ? undefined : quote, block };
    });
  });

const FIRST_BLOCK = 5;

/** The blocks of a file that isn't the first one of its index. Every line has ten bytes. */
function toBlocks(lines: readonly Line[]): FileBlocks {
  const blocks = (lines.at(-1) as Line).block + 1;
  const quotes = Math.max(-1, ...lines.map(({ quote }) => quote ?? -1)) + 1;
  const before = Array.from({ length: blocks }, (_, block) => lines.findIndex((line) => line.block === block));
  const quotesBefore = before.map((line) => new Set(lines.slice(0, line).flatMap(({ quote }) => quote ?? [])).size);
  const quoteBlocks = before.map((line, block) => {
    const quote = lines[line]?.quote;
    return quote === undefined ? block : (lines.find((each) => each.quote === quote) as Line).block;
  });
  const padding = Array<number>(FIRST_BLOCK).fill(0);
  const toOffset = (line: number) => 10 * line;
  const tables = {
    fileBlocks: Uint32Array.of(0, FIRST_BLOCK, FIRST_BLOCK + blocks),
    lines: Float64Array.of(0, lines.length),
    quotes: Float64Array.of(0, quotes),
    starts: Float64Array.from([...padding, ...before.map(toOffset)]),
    ends: Float64Array.from([...padding, ...before.slice(1).map(toOffset), toOffset(lines.length)]),
    linesBefore: Float64Array.from([...padding, ...before]),
    quotesBefore: Float64Array.from([...padding, ...quotesBefore]),
    quoteBlocks: Uint32Array.from([...padding, ...quoteBlocks.map((block) => block + FIRST_BLOCK)]),
  };
  return new FileBlocks(tables, 1);
}

/** The number of the entry that each line is in, or `undefined`. */
const entriesOf = (lines: readonly Line[], unit: Unit) =>
  lines.map(({ quote }, line) => (unit === 'line' ? line : quote));

const unit = fc.constantFrom<Unit>('line', 'quote');
const context = fc.constantFrom(0, 0, 1, 2, 5, 1_000);

describe('FileBlocks', () => {
  it('reads all candidates with their whole context, and nothing that could be mistaken for it', () => {
    fc.assert(
      fc.property(lines, fc.array(fc.nat(39)), unit, context, context, (lines, picked, unit, n_before, n_after) => {
        const blocks = toBlocks(lines);
        const candidates = new Set(picked.map((line) => FIRST_BLOCK + ((lines[line] ?? lines[0]) as Line).block));
        const ranges = blocks.rangesAround((block) => candidates.has(block), { unit, n_before, n_after });
        const entries = entriesOf(lines, unit);
        for (const [at, { first, end }] of ranges.entries()) {
          expect(first)
            .to.be.below(end)
            .and.at.least(ranges[at - 1]?.end ?? blocks.all.first);
          expect(end).to.be.at.most(blocks.all.end);
        }
        for (const candidate of candidates) {
          const range = ranges.find(({ first, end }) => first <= candidate && candidate < end);
          expect(range, `range of ${candidate}`).not.to.equal(undefined);
          const { start, end } = blocks.offsets(range as { first: number; end: number });
          for (const [line, { block }] of lines.entries()) {
            const entry = entries[line];
            if (FIRST_BLOCK + block !== candidate || entry === undefined) continue;
            for (const [other, its] of entries.entries()) {
              if (its === undefined || its < entry - n_before || its > entry + n_after) continue;
              const isRead = 10 * other >= start && 10 * other < end;
              expect(isRead, `line ${other} around line ${line}`).to.equal(true);
            }
          }
        }
      }),
      { numRuns: 2_000, seed: 20 },
    );
  });

  it('separates matches of neighboring ranges by more lines than their context', () => {
    fc.assert(
      fc.property(lines, fc.array(fc.nat(39)), context, context, (lines, picked, n_before, n_after) => {
        if (n_before + n_after === 0) return;
        const blocks = toBlocks(lines);
        const candidates = new Set(picked.map((line) => FIRST_BLOCK + ((lines[line] ?? lines[0]) as Line).block));
        const ranges = blocks.rangesAround((block) => candidates.has(block), { unit: 'line', n_before, n_after });
        for (const [at, { end }] of ranges.entries()) {
          const next = ranges[at + 1];
          if (next === undefined) return;
          const isCandidate = (line: Line) => candidates.has(FIRST_BLOCK + line.block);
          const last = lines.findLastIndex((line) => FIRST_BLOCK + line.block < end && isCandidate(line));
          const first = lines.findIndex((line) => FIRST_BLOCK + line.block >= next.first && isCandidate(line));
          expect(blocks.linesBefore(end) - last - 1).to.be.above(n_after);
          expect(first - blocks.linesBefore(next.first)).to.be.above(n_before);
        }
      }),
      { numRuns: 1_000, seed: 20 },
    );
  });

  it('reads the blocks of a page, and counts the entries before and after them', () => {
    fc.assert(
      fc.property(lines, unit, fc.nat(39), fc.nat(10), (lines, unit, offset, count) => {
        const blocks = toBlocks(lines);
        const entries = entriesOf(lines, unit);
        const all = [...new Set(entries.filter((entry) => entry !== undefined))];
        const from = Math.min(offset, all.length - 1);
        if (from < 0) return;
        const to = Math.min(all.length, from + 1 + count);
        const range = blocks.rangeOf(unit, from, to);
        const { start, end } = blocks.offsets(range);
        const read = [...new Set(entries.slice(start / 10, end / 10).filter((entry) => entry !== undefined))];
        expect(blocks.entriesBefore(unit, range)).to.equal(read[0]);
        expect(blocks.entriesAfter(unit, range)).to.equal(all.length - 1 - (read.at(-1) as number));
        for (let entry = from; entry < to; entry += 1) {
          const its = entries.flatMap((each, line) => (each === entry ? line : []));
          expect(10 * (its[0] as number), `start of ${entry}`).to.be.at.least(start);
          expect(10 * (its.at(-1) as number), `end of ${entry}`).to.be.below(end);
        }
      }),
      { numRuns: 2_000, seed: 20 },
    );
  });
});
