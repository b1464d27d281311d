import { expect } from 'chai';
import { excerpt, MAX_EXCERPT_LENGTH } from '../../../src/http/pages/excerpt.js';
import type { EntryObject } from '../../../src/search/engine.js';

const entry = (more: Partial<EntryObject>): EntryObject => ({
  file: 'a.txt',
  line: 5,
  text: '',
  before: [],
  after: [],
  matches: [],
  ...more,
});
const x = (length: number) => 'x'.repeat(length);

describe('excerpt', () => {
  it('returns a short entry whole', () => {
    const whole = entry({ text: x(MAX_EXCERPT_LENGTH), before: ['b', 'b'], after: ['a'], matches: [[1, 2]] });
    expect(excerpt(whole)).to.deep.equal({ ...whole, offset: 0 });
  });

  it('starts at the beginning of the text if the first match fits, and clips the matches', () => {
    const text = `${x(9_000)}one${x(990)}end${x(5_000)}`;
    const matches: [number, number][] = [
      [9_000, 9_003],
      [9_993, 9_996],
      [9_999, 10_005],
      [14_000, 14_003],
    ];
    const { offset, text: shown, matches: marked } = excerpt(entry({ text, matches }));
    expect(offset).to.equal(0);
    expect(shown).to.equal(`${text.slice(0, MAX_EXCERPT_LENGTH)}…`);
    expect(marked).to.deep.equal([
      [9_000, 9_003],
      [9_993, 9_996],
      [9_999, 10_000],
    ]);
  });

  it('starts shortly before a first match that is further in', () => {
    const text = `${x(20_000)}one${x(600)}two${x(20_000)}`;
    const matches: [number, number][] = [
      [20_000, 20_003],
      [20_603, 20_606],
      [40_000, 40_003],
    ];
    const { offset, text: shown, matches: marked } = excerpt(entry({ text, matches }));
    expect(offset).to.equal(19_500);
    expect(shown).to.equal(`…${text.slice(19_500, 19_500 + MAX_EXCERPT_LENGTH)}…`);
    expect(marked.map(([start, end]) => shown.slice(start, end))).to.deep.equal(['one', 'two']);
  });

  it('prefers the context that is nearest to the entry', () => {
    const { before, after } = excerpt(entry({ before: ['far', x(9_993), 'near'], after: ['near', x(9_993), 'far'] }));
    expect(before).to.deep.equal(['far', x(9_993), 'near']);
    expect(after).to.deep.equal(['near', x(9_993), 'far']);
    const long = excerpt(entry({ before: [x(20_000), 'near'], after: ['near', x(20_000), 'far'] }));
    expect(long.before).to.deep.equal([`…${x(9_996)}`, 'near']);
    expect(long.after).to.deep.equal(['near', `${x(9_996)}…`]);
  });
});
