import { expect } from 'chai';
import fc from 'fast-check';
import { BlockFilter } from '../../../src/search/corpus/block-filter.js';
import { Pace } from '../../../src/search/corpus/pace.js';
import { bytes, literal } from '../engines/generators.js';

const pace = new Pace(new AbortController().signal);

describe('BlockFilter', () => {
  /** Returns the parts of the text that may contain any of the terms. */
  async function candidatesIn(text: Buffer, terms: string[]): Promise<string[]> {
    const filter = await BlockFilter.create(text, pace);
    return filter.candidates(terms).map(({ start, end }) => text.toString('latin1', start, end));
  }

  const line = (number: number) => `line ${number} of this text, which is long enough to be cut into many blocks\n`;
  const text = Buffer.from(Array.from({ length: 10_000 }, (_, number) => line(number)).join(''));

  it('excludes nearly all blocks for a rare term, and all for one that is absent', async () => {
    const candidates = (await candidatesIn(text, ['line 5000 '])).join('');
    expect(candidates).to.include(line(5_000));
    expect(candidates.length).to.be.below(text.length / 20);
    expect(await candidatesIn(text, ['absent term'])).to.deep.equal([]);
  });

  it('returns the blocks of all terms in order, each once, and neighboring ones as one', async () => {
    const both = await candidatesIn(text, ['line 9999 ', 'line 17 ', 'absent term', 'line 17 ']);
    expect(both.join('')).to.include(line(17)).and.include(line(9_999));
    expect(both.join('').indexOf(line(17))).to.be.below(both.join('').indexOf(line(9_999)));
    expect(await candidatesIn(text, ['line', 'line 17'])).to.deep.equal([text.toString('latin1')]);
  });

  it('excludes nothing for terms of less than four bytes', async () => {
    expect(await candidatesIn(text, ['zzz'])).to.deep.equal([text.toString('latin1')]);
    expect(await candidatesIn(Buffer.alloc(0), ['zzz', 'long term'])).to.deep.equal([]);
  });

  it('cuts blocks at line ends only, however long a line is', async () => {
    const long = `${'x'.repeat(200_000)} needle\n`;
    const candidates = await candidatesIn(Buffer.from(`${line(1).repeat(100)}${long}${line(2).repeat(100)}`), [
      'needle',
    ]);
    expect(candidates).to.have.length(1);
    expect(candidates[0])
      .to.match(/^line/)
      .and.match(/needle\n$/);
  });

  it('never excludes a line with a term, in generated texts', async () => {
    let excluded = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(bytes, { minLength: 1, maxLength: 5 }),
        fc.array(literal, { minLength: 1, maxLength: 5 }),
        async (parts, terms) => {
          // Several blocks, some of which contain a term.
          const padding = Buffer.from(`${'-'.repeat(5_000)}\n`);
          const whole = Buffer.concat(parts.flatMap((part) => [padding, part, Buffer.from('\n')]));
          const candidates = await candidatesIn(whole, terms);
          const linesWith = (lines: string) =>
            lines
              .split('\n')
              .filter((each) => terms.some((term) => each.includes(Buffer.from(term).toString('latin1'))));
          expect(linesWith(candidates.join(''))).to.deep.equal(linesWith(whole.toString('latin1')));
          if (candidates.join('').length < whole.length) excluded += 1;
        },
      ),
      { numRuns: 300 },
    );
    // Otherwise the test would prove nothing. The texts are random.
    expect(excluded).to.be.above(10);
  });
});
