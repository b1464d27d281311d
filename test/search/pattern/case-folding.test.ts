import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import { findGrep } from '../../../src/search/grep/find-grep.js';
import {
  foldCase,
  foldCodePoint,
  foldedCodePoints,
  mayHaveUnknownVariants,
  variantsOf,
} from '../../../src/search/pattern/case-folding.js';

const codeOf = (character: string) => character.codePointAt(0) as number;
const variants = (character: string) => variantsOf(codeOf(character)).map((code) => String.fromCodePoint(code));
const allCharacters = Array.from({ length: 0x110000 }, (_, code) => code)
  .filter((code) => code < 0xd800 || code > 0xdfff)
  .map((code) => String.fromCodePoint(code));

describe('case folding', () => {
  it('has one representative for letters that differ in case, form or origin', () => {
    for (const members of [
      'IiİıI',
      'SsſS',
      'Kk\u212a',
      'Åå\u212b',
      'µΜμ',
      'Σςσ',
      'ßẞ',
      'Ǆǅǆ',
      '\u0345Ιι\u1fbe',
      'Ꭰꭰ',
      'აᲐ',
      'Ⴀⴀ',
      '𐐀𐐨',
      'Ａａ',
      'ȺⱥȺ',
      'ᾳᾼ',
      'žŽ',
      'жЖ',
    ]) {
      const characters = [...new Set(members)].sort((one, other) => codeOf(one) - codeOf(other));
      expect(variants(characters[0] as string), members).to.deep.equal(characters);
      expect(new Set(characters.map(foldCase)), members).to.have.property('size', 1);
    }
  });

  it('prefers ASCII lower case, and else the first code point', () => {
    expect(foldCase('LOVE ſİK\u212a')).to.equal('love sikk');
    expect(foldCase('žŽσΣς愛😀𐐨')).to.equal('ŽŽΣΣΣ愛😀𐐀');
  });

  it('leaves lone surrogates and other characters unchanged', () => {
    for (const text of ['', '\ud801', 'a\udc28', '\0愛 \ufffd12', 'ŉ']) expect(foldCase(text)).to.equal(text);
    expect(variantsOf(0xd801)).to.deep.equal([0xd801]);
  });

  it('lists the code points that change, and never lengthens UTF-8', () => {
    const bytes = (code: number) => Buffer.byteLength(String.fromCodePoint(code));
    for (const [code, folded] of foldedCodePoints()) {
      expect(foldCodePoint(code)).to.equal(folded).and.not.to.equal(code);
      expect(foldCodePoint(folded)).to.equal(folded);
      expect(variantsOf(code)).to.include.members([code, folded]);
      expect(bytes(folded)).to.be.at.most(bytes(code));
    }
    const changed = allCharacters.filter((character) => foldCase(character) !== character);
    expect(changed.map(codeOf)).to.have.members([...foldedCodePoints().keys()]);
  });

  it('doubts letters to which another version of Unicode may add a variant', () => {
    expect(['ŉ', '𝐀', '\u{1ffff}', '\u0378'].every(mayHaveUnknownVariants)).to.equal(true);
    expect(['a', 'ß', 'Ž', '愛', '😀', '1', '\ud801'].some(mayHaveUnknownVariants)).to.equal(false);
  });

  const cased = allCharacters.filter((character) => /[\p{Cased}\p{Changes_When_Casemapped}]/u.test(character));

  it('joins what regular expressions of JavaScript take for equal', () => {
    const text = cased.join('');
    for (const character of cased) {
      const equal = text.match(new RegExp(character, 'giu')) ?? [];
      expect(new Set(equal.map(foldCase)), character).to.deep.equal(new Set([foldCase(character)]));
    }
  });

  // One run per character would take minutes. Different representatives differ in a bit of their
  // numbers, so for each bit, those with 0 must not match any of those with 1, nor the reverse.
  it('joins what grep takes for equal', async function () {
    this.timeout(60_000);
    const { program, utf8Locale } = await findGrep();
    const grep = (args: string[], input: string[]) =>
      execFileSync('sh', ['-c', '"$0" "$@" || [ $? = 1 ]', program, ...args], {
        input: input.map((each) => `${each}\n`).join(''),
        env: { LC_ALL: utf8Locale },
        maxBuffer: 2 ** 26,
      })
        .toString()
        .split('\n')
        .slice(0, -1);
    const letters = new Set([...cased, ...grep(['-a', '[[:upper:][:lower:]]'], allCharacters)]);
    letters.delete('\n');
    const numbers = new Map([...new Set([...letters].map(foldCase))].map((folded, number) => [folded, number]));
    // With a back reference, grep uses another matcher: that of the C library.
    const patterns = [
      (some: string[]) => ['-F', some.join('\n')],
      (some: string[]) => ['-E', `[${some.join('')}]`],
      (some: string[]) => ['-E', `()[${some.join('')}]\\1`],
    ];
    for (let bit = 1; bit <= numbers.size; bit *= 2) {
      const hasBit = (letter: string) => ((numbers.get(foldCase(letter)) as number) & bit) > 0;
      const ones = [...letters].filter(hasBit);
      const zeros = [...letters].filter((letter) => !hasBit(letter));
      for (const [some, others] of [[ones, zeros] as const, [zeros, ones] as const]) {
        for (const pattern of patterns) {
          const [option = '', text = ''] = pattern(some);
          expect(grep(['-a', '-i', option, '-e', text], others)).to.deep.equal([]);
          // If grep knew only ASCII, this would prove nothing.
          if (bit === 1) expect(grep(['-a', '-i', option, '-e', text], some.map(swapCase)).length).to.be.above(1000);
        }
      }
    }
  });
});

function swapCase(letter: string): string {
  const lower = letter.toLowerCase();
  return lower === letter ? letter.toUpperCase() : lower;
}
