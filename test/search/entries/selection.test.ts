import { expect } from 'chai';
import type { Entry } from '../../../src/search/engine.js';
import { createSelection, MAX_SAMPLE_ENTRIES, MAX_SAMPLE_LENGTH } from '../../../src/search/entries/selection.js';
import { codeOf } from '../engines/engine-contract.js';

type Options = Parameters<typeof createSelection>[0];

/** Selects from entries that come in batches, or one by one if they may be included. */
function select(total: number, options: Partial<Options>, entryOf: (index: number) => Entry = String): Entry[] {
  const selection = createSelection({ nresults: 0, offset: 0, order: 'file', ...options });
  const selected: Entry[] = [];
  for (let first = 0; first < total; first += 7) {
    const batch = Array.from({ length: Math.min(7, total - first) }, (_, at) => first + at);
    for (const index of batch) {
      for (const end of [index + 1, total])
        if (!selection.mayIncludeAny(index, end)) expect(selection.mayInclude(index)).to.equal(false);
    }
    if (first % 2 === 0) selected.push(...selection.take(first, batch.map(entryOf)));
    else
      for (const index of batch)
        if (selection.mayInclude(index)) selected.push(...selection.take(index, [entryOf(index)]));
  }
  return [...selected, ...[...selection.flush()].flat()];
}

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => String(from + at));

describe('createSelection in file order', () => {
  const cases: [Partial<Options>, Entry[]][] = [
    [{}, numbers(0, 20)],
    [{ nresults: -1 }, numbers(0, 20)],
    [{ nresults: 3 }, numbers(0, 3)],
    [{ nresults: 7 }, numbers(0, 7)],
    [{ offset: 5 }, numbers(5, 20)],
    [{ offset: 5, nresults: 10 }, numbers(5, 15)],
    [{ offset: 19, nresults: 10 }, numbers(19, 20)],
    [{ offset: 20 }, []],
    [{ offset: 2 ** 70, nresults: 2 ** 70 }, []],
  ];
  for (const [options, expected] of cases) {
    it(`selects ${expected.length} of 20 for ${JSON.stringify(options)}`, () => {
      expect(select(20, options)).to.deep.equal(expected);
    });
  }
});

describe('createSelection in random order', () => {
  const draw = (options: Partial<Options>, total = 1000) => select(total, { order: 'random', seed: 1, ...options });

  it('depends on the seed', () => {
    expect(draw({ nresults: 10 })).to.deep.equal(draw({ nresults: 10 }));
    const seeds = [1, 2, -1, 0, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER];
    expect(new Set(seeds.map((seed) => draw({ nresults: 10, seed }).join()))).to.have.property('size', seeds.length);
  });

  it('differs each time without a seed', () => {
    expect(draw({ nresults: 10, seed: undefined })).to.not.deep.equal(draw({ nresults: 10, seed: undefined }));
  });

  it('returns each entry once if all are requested', () => {
    const all = draw({});
    expect(all.map(Number).sort((a, b) => a - b)).to.deep.equal(numbers(0, 1000).map(Number));
    expect(all).to.not.deep.equal(numbers(0, 1000));
  });

  it('has consecutive pages', () => {
    const all = draw({});
    for (const [offset, nresults] of [
      [0, 1],
      [0, 10],
      [10, 10],
      [995, 10],
      [1000, 1],
      [10, 0],
    ] as const) {
      const end = nresults > 0 ? offset + nresults : undefined;
      expect(draw({ offset, nresults })).to.deep.equal(all.slice(offset, end));
    }
  });

  it('selects every entry with the same probability, at each position', () => {
    const draws = 20_000;
    for (const position of [0, 1]) {
      const counts = Array(10).fill(0);
      for (let seed = 0; seed < draws; seed += 1) {
        counts[Number(select(10, { order: 'random', seed, nresults: 2 })[position])] += 1;
      }
      const expected = draws / 10;
      const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
      // 9 degrees of freedom: above 27.88 with a probability of 0.001. The seeds are the same each
      // time.
      expect(chiSquare).to.be.below(27.88);
    }
  });

  it('returns fewer entries if there are fewer', () => {
    expect(draw({ nresults: 10 }, 3)).to.have.members(['0', '1', '2']);
    expect(draw({ nresults: 10 }, 0)).to.deep.equal([]);
  });

  it('selects a few of many entries that exceed the maximum length together', () => {
    const large = 'x'.repeat(MAX_SAMPLE_LENGTH / 8);
    expect(select(100, { order: 'random', seed: 1, nresults: 2 }, () => large)).to.deep.equal([large, large]);
  });

  it('rejects more than the maximum number of entries, however short', async () => {
    const failing = async () => select(MAX_SAMPLE_ENTRIES + 1, { order: 'random', seed: 1 }, () => '');
    expect(await codeOf(failing())).to.equal('invalid_request');
    expect(select(MAX_SAMPLE_ENTRIES, { order: 'random', seed: 1 }, () => '')).to.have.length(MAX_SAMPLE_ENTRIES);
    expect(select(3 * MAX_SAMPLE_ENTRIES, { order: 'random', seed: 1, nresults: 5 }, () => '')).to.have.length(5);
  });

  it('returns many entries in batches', () => {
    const selection = createSelection({ nresults: 0, offset: 0, order: 'random', seed: 1 });
    selection.take(0, Array(50_000).fill('twenty characters...'));
    const batches = [...selection.flush()];
    expect(batches.flat()).to.have.length(50_000);
    expect(batches.length).to.be.above(10);
  });

  it('rejects entries that exceed the maximum length, and says what to do', async () => {
    const large = { file: 'a', line: 1, text: 'x'.repeat(MAX_SAMPLE_LENGTH / 8), before: [], after: [], matches: [] };
    const failing = async () => select(100, { order: 'random', seed: 1, nresults: 10 }, () => large);
    expect(await codeOf(failing())).to.equal('invalid_request');
    expect(await failing().catch((error) => error.message)).to.include('Use lower values of "nresults" and "offset".');
  });
});
