import { expect } from 'chai';
import { excerpt, SHOWN_LENGTH } from '../../../src/http/pages/excerpt.js';
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

describe('an excerpt', () => {
  it('is all of what is short enough', () => {
    const whole = entry({ text: x(SHOWN_LENGTH), before: ['b', 'b'], after: ['a'], matches: [[1, 2]] });
    expect(excerpt(whole)).to.deep.equal({ ...whole, at: 0 });
  });

  it('is the beginning, where the first match is in it, with the matches in that', () => {
    const text = `${x(9_000)}one${x(990)}end${x(5_000)}`;
    const matches: [number, number][] = [
      [9_000, 9_003],
      [9_993, 9_996],
      [9_999, 10_005],
      [14_000, 14_003],
    ];
    const { at, text: shown, matches: marked } = excerpt(entry({ text, matches }));
    expect(at).to.equal(0);
    expect(shown).to.equal(`${text.slice(0, SHOWN_LENGTH)}…`);
    expect(marked).to.deep.equal([
      [9_000, 9_003],
      [9_993, 9_996],
      [9_999, 10_000],
    ]);
  });

  it('is what is around the first match, where that is far in', () => {
    const text = `${x(20_000)}one${x(600)}two${x(20_000)}`;
    const matches: [number, number][] = [
      [20_000, 20_003],
      [20_603, 20_606],
      [40_000, 40_003],
    ];
    const { at, text: shown, matches: marked } = excerpt(entry({ text, matches }));
    expect(at).to.equal(19_500);
    expect(shown).to.equal(`…${text.slice(19_500, 19_500 + SHOWN_LENGTH)}…`);
    expect(marked.map(([start, end]) => shown.slice(start, end))).to.deep.equal(['one', 'two']);
  });

  it('has as much of the context as is near', () => {
    const { before, after } = excerpt(entry({ before: ['far', x(9_993), 'near'], after: ['near', x(9_993), 'far'] }));
    expect(before).to.deep.equal(['far', x(9_993), 'near']);
    expect(after).to.deep.equal(['near', x(9_993), 'far']);
    const long = excerpt(entry({ before: [x(20_000), 'near'], after: ['near', x(20_000), 'far'] }));
    expect(long.before).to.deep.equal([`…${x(9_996)}`, 'near']);
    expect(long.after).to.deep.equal(['near', `${x(9_996)}…`]);
  });
});
