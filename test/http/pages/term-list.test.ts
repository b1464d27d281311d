import { expect } from 'chai';
import fc from 'fast-check';
import { parseTermList, renderTermList } from '../../../src/http/pages/term-list.js';

describe('parseTermList', () => {
  for (const [text, terms] of [
    ['', []],
    [' , ,', []],
    ['a', ['a']],
    ['a b, c ,d', ['a b', 'c', 'd']],
    ['"a, b",c', ['a, b', 'c']],
    ['"say ""yes"""', ['say "yes"']],
    ['" a "', [' a ']],
    // Quotes that don't enclose a term are part of it.
    ['say "yes", "no', ['say "yes"', '"no']],
    ['"a" b, c', ['"a" b', 'c']],
    ['""', []],
  ] as const) {
    it(`parses ${JSON.stringify(text)}`, () => {
      expect(parseTermList(text)).to.deep.equal(terms);
    });
  }

  it('parses what renderTermList renders', () => {
    const term = fc.string({ unit: fc.constantFrom('a', '"', ',', ' ', 'é', '\\'), minLength: 1 });
    fc.assert(
      fc.property(fc.array(term), (terms) => {
        expect(parseTermList(renderTermList(terms))).to.deep.equal(terms);
      }),
    );
  });
});

describe('renderTermList', () => {
  it('quotes only what needs it', () => {
    expect(renderTermList(['a b', 'c,d', 'say "yes"', '"x"'])).to.equal('a b, "c,d", say "yes", """x"""');
  });
});
