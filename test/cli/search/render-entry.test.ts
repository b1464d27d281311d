import { expect } from 'chai';
import { printable, printableJson } from '../../../src/cli/search/printable.js';
import { type Entry, renderEntry } from '../../../src/cli/search/render-entry.js';

const plain = { isColored: false, hasLineNumbers: true };
const entry = { file: 'a.txt', line: 3, text: 'my love', before: [], after: [], matches: [[3, 7]] } satisfies Entry;

describe('renderEntry', () => {
  it('renders a line as grep does, with or without its number', () => {
    expect(renderEntry(entry as Entry, plain)).to.equal('a.txt:3:my love\n');
    expect(renderEntry(entry as Entry, { ...plain, hasLineNumbers: false })).to.equal('a.txt:my love\n');
  });

  it("uses grep's colors", () => {
    expect(renderEntry(entry as Entry, { ...plain, isColored: true })).to.equal(
      '\x1b[35ma.txt\x1b[m\x1b[36m:\x1b[m\x1b[32m3\x1b[m\x1b[36m:\x1b[mmy \x1b[01;31mlove\x1b[m\n',
    );
  });

  it('numbers the lines of the context and of a quote', () => {
    const context = { ...entry, before: ['one', 'two'], after: ['four'] } as Entry;
    expect(renderEntry(context, plain)).to.equal('a.txt-1-one\na.txt-2-two\na.txt:3:my love\na.txt-4-four\n');
    const quote = { ...entry, text: 'a lo\nve b', matches: [[2, 7]] } as Entry;
    expect(renderEntry(quote, { ...plain, isColored: true }).replaceAll('\x1b', '')).to.equal(
      '[35ma.txt[m[36m:[m[32m3[m[36m:[ma [01;31mlo[m\n[35ma.txt[m[36m:[m[32m4[m[36m:[m[01;31mve[m b\n',
    );
  });

  it('omits the numbers of quotes around a quote, which depend on blank lines between them', () => {
    const quotes = { ...entry, text: 'one\nlove', matches: [], before: ['zero\nzero'], after: ['two'] } as Entry;
    expect(renderEntry(quotes, plain)).to.equal('a.txt-zero\na.txt-zero\na.txt:3:one\na.txt:4:love\na.txt-two\n');
  });

  it('renders concordance lines, counts and strings', () => {
    const line = { file: 'a.txt', line: 1, left: 'my ', match: 'love', right: ' is' };
    expect(renderEntry(line, plain)).to.equal('a.txt:1:my love is\n');
    const count = { file: 'a.txt', entries: 2, matches: 3, per_million_words: 1 };
    expect(renderEntry(count, plain)).to.equal('a.txt:2\n');
    expect(renderEntry('one\ntwo', plain)).to.equal('one\ntwo\n');
  });

  it('passes no control character to the terminal, not even in a file name', () => {
    const hostile = '\x1b]0;owned\x07\x9b31m\r\x7f\b';
    const shown = '␛]0;owned␇\ufffd31m␍␡␈';
    const text = `${hostile}love`;
    const evil = { ...entry, file: `a\x1b[2J\n`, text, before: [hostile], after: [hostile], matches: [] } as Entry;
    expect(renderEntry(evil, plain)).to.equal(`a␛[2J␊-2-${shown}\na␛[2J␊:3:${shown}love\na␛[2J␊-4-${shown}\n`);
    const line = { file: 'a', line: 1, left: hostile, match: hostile, right: hostile };
    expect(renderEntry(line, plain)).to.equal(`a:1:${shown.repeat(3)}\n`);
    expect(renderEntry(hostile, plain)).to.equal(`${shown}\n`);
  });
});

describe('printable', () => {
  it('keeps tabs and text in any language, and the length', () => {
    expect(printable('a\tstraße 愛 😀')).to.equal('a\tstraße 愛 😀');
    for (let code = 0; code < 0xa0; code += 1) {
      const text = printable(String.fromCharCode(code));
      expect(text).to.have.length(1);
      if (code !== 9) expect(text).to.match(/^\P{Cc}$/u);
    }
  });
});

describe('printableJson', () => {
  it('escapes all control characters, and stays equal JSON', () => {
    const value = { text: '\x1b\x7f\x9b31m\n"é' };
    const json = printableJson(value);
    expect(json).to.equal('{"text":"\\u001b\\u007f\\u009b31m\\n\\"é"}');
    expect(JSON.parse(json)).to.deep.equal(value);
  });
});
