import { expect } from 'chai';
import { decodeQuote, encodeQuote } from '../../../../../src/search/engines/clickhouse/storage/quote-column.js';

describe('the quote column', () => {
  it('encodes the quote of a line', () => {
    for (const quote of [1, 2, 2 ** 40]) expect(decodeQuote(encodeQuote(quote, true))).to.equal(quote);
  });

  it('encodes that a line belongs to no quote', () => {
    for (const quote of [0, 1, 2 ** 40]) expect(decodeQuote(encodeQuote(quote, false))).to.equal(undefined);
  });

  it('never decreases from line to line', () => {
    const columns = [encodeQuote(0, false), encodeQuote(1, true), encodeQuote(1, false), encodeQuote(2, true)];
    expect(columns).to.deep.equal([1, 2, 3, 4]);
  });
});
