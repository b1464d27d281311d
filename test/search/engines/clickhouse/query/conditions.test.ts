import { expect } from 'chai';
import type { SearchQuery } from '../../../../../src/search/engine.js';
import { createConditions } from '../../../../../src/search/engines/clickhouse/query/conditions.js';
import { FOLDED_TEXT, foldForIndex } from '../../../../../src/search/engines/clickhouse/storage/schema.js';
import { foldCase, foldedCodePoints, variantsOf } from '../../../../../src/search/pattern/case-folding.js';

describe('createConditions', () => {
  const of = (term: string, query: Partial<SearchQuery> = {}) => {
    const { indexed, others, isExact } = createConditions({ term, syntax: 'literal', ignore_case: false, ...query });
    return { indexed: indexed.map((each) => each.replace(FOLDED_TEXT, 'folded')), others, isExact };
  };
  const ignoring = (term: string, syntax: SearchQuery['syntax'] = 'literal') => of(term, { syntax, ignore_case: true });

  it('searches for a literal in the index and in the text', () => {
    expect(of('Žluť')).to.deep.equal({
      indexed: ["folded LIKE '%Žluť%'"],
      others: ["text LIKE '%Žluť%'"],
      isExact: true,
    });
    expect(of('愛S')).to.deep.equal({ indexed: [], others: ["text LIKE '%愛S%'"], isExact: true });
    expect(of("LovE.'%愛", { syntax: 'regex' })).to.deep.equal({
      indexed: ["folded LIKE '%love%'", "folded LIKE '%\\'\\\\%愛%'"],
      others: ["text LIKE '%LovE%'", "text LIKE '%\\'\\\\%愛%'"],
      isExact: false,
    });
  });

  it('searches for the form of an ASCII text in the index if case is ignored', () => {
    expect(ignoring('LoſS')).to.deep.equal({ indexed: ["folded LIKE '%loss%'"], others: [], isExact: false });
  });

  it('searches for all variants of other letters in the index if case is ignored', () => {
    expect(ignoring('Žlu')).to.deep.equal({
      indexed: ["multiSearchAny(folded, ['Žlu', 'žlu'])"],
      others: [],
      isExact: false,
    });
    expect(ignoring("σa'愛").indexed).to.deep.equal(["multiSearchAny(folded, ['Σa\\'愛', 'ςa\\'愛', 'σa\\'愛'])"]);
    expect(ignoring('愛情人').indexed).to.deep.equal(["folded LIKE '%愛情人%'"]);
  });

  it('searches for all variants of a short text in the text if case is ignored', () => {
    expect(ignoring('žs').others).to.deep.equal(["multiSearchAny(text, ['ŽS', 'Žs', 'Žſ', 'žS', 'žs', 'žſ'])"]);
    expect(ignoring('𐐨x')).to.deep.equal({
      indexed: [],
      others: ["multiSearchAny(text, ['𐐀X', '𐐀x', '𐐨X', '𐐨x'])"],
      isExact: false,
    });
    expect(ignoring('愛').others).to.deep.equal(["text LIKE '%愛%'"]);
    expect(ignoring('(s|a)k.s*愛情', 'regex')).to.deep.equal({
      indexed: [],
      others: ["text LIKE '%愛情%'"],
      isExact: false,
    });
  });

  it('searches for the longest part with few variants', () => {
    const needlesOf = (term: string) => ignoring(term).indexed[0]?.match(/(?<=')\p{L}+/gu) ?? [];
    expect(needlesOf('тттт')).to.have.length(64).and.to.include.members(['ттт', 'ᲄᲅТ']);
    expect(needlesOf('жжжabжжжж')).to.have.length(64).and.to.include.members(['жжжabжжж', 'ЖЖЖabЖЖЖ']);
    expect(needlesOf('жжжжжжжabc')).to.have.length(64).and.to.include.members(['жжжжжжabc', 'ЖЖЖЖЖЖabc']);
  });

  it('has no conditions for what is in nearly every line', () => {
    for (const term of ['e', 'E.', '.*']) {
      expect(of(term, { syntax: 'regex' })).to.deep.equal({ indexed: [], others: [], isExact: false });
      expect(ignoring(term, 'regex')).to.deep.equal({ indexed: [], others: [], isExact: false });
    }
    expect(ignoring('ſ').others).to.deep.equal([]);
  });
});

describe('foldForIndex', () => {
  it('folds what may match an ASCII letter, and nothing else', () => {
    for (const folded of new Set(foldedCodePoints().values())) {
      const variants = variantsOf(folded).map((code) => String.fromCodePoint(code));
      const expected = folded < 0x80 ? [foldCase(String.fromCodePoint(folded))] : variants;
      expect([...new Set(variants.map(foldForIndex))]).to.deep.equal(expected);
    }
  });
});
