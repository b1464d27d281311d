import { expect } from 'chai';
import { WordScanner } from '../../../src/search/queries/word-scanner.js';
import { wordsOf } from '../../../src/search/queries/words.js';
import { randomNumbers } from '../../bench/words.js';

function scan(text: string) {
  const scanner = new WordScanner(text);
  const words: { text: string; start: number; end: number }[] = [];
  while (scanner.next()) {
    const { start, end } = scanner;
    words.push({ text: text.slice(start, end), start, end });
  }
  return words;
}

describe('WordScanner', () => {
  it('finds the words of wordsOf in generated texts', () => {
    const random = randomNumbers(5);
    const parts = [
      ...['a', 'Z', '7', 'é', 'e\u0301', '\u0301', 'ß', '日', 'ⅷ', '²', '\u{10400}', '😀', '\u{1d165}', '\u{e0100}'],
      ...["'", '’', '‐', '‑', '-', '–', '_', '.', ' ', '\n', '\u00a0', '\0', '\ufeff', '\ufffd'],
    ];
    for (let round = 0; round < 5_000; round += 1) {
      const length = Math.floor(random() * 12);
      const text = Array.from({ length }, () => parts[Math.floor(random() * parts.length)]).join('');
      expect(scan(text), JSON.stringify(text)).to.deep.equal([...wordsOf(text)]);
    }
  });

  it('finds the words of wordsOf beside every code unit', () => {
    for (let unit = 0; unit < 0x10000; unit += 1) {
      const text = `a-${String.fromCharCode(unit)}b`;
      const [actual, expected] = [scan(text), [...wordsOf(text)]].map((words) => words.map((word) => word.text).join());
      if (actual !== expected) expect(actual, unit.toString(16)).to.equal(expected);
    }
  });

  it('finds no further words once it has found none', () => {
    for (const text of ['a', 'a.', '😀', '', '\u0301']) {
      const scanner = new WordScanner(text);
      while (scanner.next());
      expect(scanner.next()).to.equal(false);
    }
  });
});
