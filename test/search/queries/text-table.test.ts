import { expect } from 'chai';
import { TextTable } from '../../../src/search/queries/text-table.js';

describe('TextTable', () => {
  it('finds each of many texts by a part of a longer text', () => {
    const table = new TextTable();
    const texts = ['', ...Array.from({ length: 5_000 }, (_, number) => `w${number}é\u{10400}`)];
    for (const text of texts) {
      expect(table.find(text, 0, text.length)).to.equal(-1);
      table.add(text, 0, text.length);
    }
    for (const [index, text] of texts.entries()) {
      expect(table.find(`<${text}>`, 1, 1 + text.length)).to.equal(index);
      expect(table.textAt(index)).to.equal(text);
    }
    expect(table.size).to.equal(texts.length);
  });

  it('distinguishes texts that begin alike', () => {
    const table = new TextTable();
    table.add('cabc', 1, 3);
    for (const [start, end] of [
      [0, 1],
      [0, 3],
      [1, 3],
      [0, 0],
    ] as const) {
      expect(table.find('abc', start, end)).to.equal(-1);
    }
    expect(table.find('abc', 0, 2)).to.equal(0);
  });

  it('compares texts in byte order of UTF-8', () => {
    const texts = ['', 'a', 'ab', 'b', 'é', '\uffff', '\u{10000}', '\u{10ffff}'];
    const table = new TextTable();
    for (const text of texts) table.add(text, 0, text.length);
    for (const [index, text] of texts.entries()) {
      for (const [otherIndex, other] of texts.entries()) {
        const expected = Buffer.compare(Buffer.from(text), Buffer.from(other));
        expect(Math.sign(table.compare(index, otherIndex)), `${text} ${other}`).to.equal(expected);
      }
    }
  });
});
