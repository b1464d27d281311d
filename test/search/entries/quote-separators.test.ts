import { expect } from 'chai';
import fc from 'fast-check';
import { isBlank, isBlankBytes, isPercent, isPercentBytes } from '../../../src/search/entries/quote-separators.js';

describe('quote separators', () => {
  const lines: [line: string, isBlankLine: boolean, isPercentLine: boolean][] = [
    ['', true, false],
    [' \t', true, false],
    ['%', false, true],
    ['%%', false, false],
    [' %', false, false],
    ['a', false, false],
    ['\u00a0', false, false],
    ['\r', false, false],
  ];
  for (const [line, isBlankLine, isPercentLine] of lines) {
    it(`recognize ${JSON.stringify(line)} correctly`, () => {
      expect([isBlank(line), isPercent(line)]).to.deep.equal([isBlankLine, isPercentLine]);
    });
  }

  it('are the same for strings and for bytes', () => {
    const line = fc.array(fc.constantFrom(' ', '\t', '%', 'a', '\r', '\u00a0'), { maxLength: 3 });
    fc.assert(
      fc.property(line, (parts) => {
        const text = parts.join('');
        expect(isBlankBytes(Buffer.from(text))).to.equal(isBlank(text));
        expect(isPercentBytes(Buffer.from(text))).to.equal(isPercent(text));
      }),
    );
  });
});
