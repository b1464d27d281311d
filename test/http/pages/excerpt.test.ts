import { expect } from 'chai';
import { excerpt, MAX_CONTEXT_LENGTH, MAX_ENTRY_LENGTH, MAX_PASSAGES } from '../../../src/http/pages/excerpt.js';
import type { EntryObject, Match } from '../../../src/search/engine.js';

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

/** Returns the texts of the shown matches. */
const marked = ({ text, matches }: Pick<EntryObject, 'text' | 'matches'>) =>
  matches.map(([start, end]) => text.slice(start, end));

describe('excerpt', () => {
  for (const unit of ['line', 'quote'] as const) {
    it(`returns a short ${unit} whole`, () => {
      const whole = entry({ text: x(MAX_ENTRY_LENGTH[unit]), before: ['b', 'b'], after: ['a'], matches: [[1, 2]] });
      const shown = { offset: 0, isShortened: false, nrOfHiddenMatches: 0 };
      expect(excerpt(whole, unit)).to.deep.equal({ ...whole, ...shown });
    });
  }

  it('shows a long line as passages around its matches', () => {
    const text = `one${x(3_000)}two${x(100)}three${x(3_000)}`;
    const matches: Match[] = [
      [0, 3],
      [3_003, 3_006],
      [3_106, 3_111],
    ];
    const shown = excerpt(entry({ text, matches }), 'line');
    expect(shown.text).to.equal(`one${x(200)} … ${x(200)}two${x(100)}three${x(200)} …`);
    expect(marked(shown)).to.deep.equal(['one', 'two', 'three']);
    expect(shown).to.include({ offset: 0, isShortened: true, nrOfHiddenMatches: 0 });
  });

  it('begins at the first passage, and counts the matches that it leaves out', () => {
    const text = `${x(1_000)}one`.repeat(9);
    const matches = Array.from({ length: 9 }, (_, index): Match => [1_003 * index + 1_000, 1_003 * (index + 1)]);
    const shown = excerpt(entry({ text, matches }), 'line');
    expect(shown.text.startsWith(`… ${x(200)}one`)).to.equal(true);
    expect(marked(shown)).to.deep.equal(Array(MAX_PASSAGES).fill('one'));
    expect(shown).to.include({ offset: 800, nrOfHiddenMatches: 9 - MAX_PASSAGES });
  });

  it('limits a line with thousands of matches, and a long match', () => {
    const dense: Match[] = Array.from({ length: 50_000 }, (_, index) => [2 * index, 2 * index + 1]);
    const shown = excerpt(entry({ text: 'a '.repeat(50_000), matches: dense }), 'line');
    expect(shown.text.length).to.be.below(MAX_PASSAGES * (MAX_ENTRY_LENGTH.line + 3) + 5);
    expect(shown.matches.length + shown.nrOfHiddenMatches).to.equal(50_000);
    const long = excerpt(entry({ text: x(9_000), matches: [[100, 8_000]] }), 'line');
    expect(long.text).to.equal(`${x(800)} …`);
    expect(long.matches).to.deep.equal([[100, 800]]);
  });

  it('shows the beginning of a long text without matches, and of its characters all of each', () => {
    const shown = excerpt(entry({ text: `x${'😀'.repeat(3_000)}` }), 'quote');
    expect(shown.text).to.equal(`x${'😀'.repeat(1_000)} …`);
    const [text, at] = ['😀'.repeat(2_000), 1_001];
    const passage = excerpt(entry({ text: `${text.slice(0, 1_000)}y${text}`, matches: [[1_000, at]] }), 'line');
    expect(passage.text).to.equal(`… ${'😀'.repeat(100)}y${'😀'.repeat(100)} …`);
    expect(marked(passage)).to.deep.equal(['y']);
  });

  it('prefers the context that is nearest to the entry', () => {
    const rest = MAX_CONTEXT_LENGTH - 'near'.length;
    const contextOf = (before: string[], after: string[]) => excerpt(entry({ before, after }), 'line');
    const fitting = contextOf(['far', x(rest - 3), 'near'], ['near', x(rest - 3), 'far']);
    expect(fitting.before).to.deep.equal(['far', x(rest - 3), 'near']);
    expect(fitting.after).to.deep.equal(['near', x(rest - 3), 'far']);
    const long = contextOf([x(20_000), 'near'], ['near', x(20_000), 'far']);
    expect(long.before).to.deep.equal([`…${x(rest)}`, 'near']);
    expect(long.after).to.deep.equal(['near', `${x(rest)}…`]);
  });
});
