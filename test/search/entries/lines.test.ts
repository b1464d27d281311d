import { expect } from 'chai';
import fc from 'fast-check';
import { countNewlines, LineSplitter, truncate } from '../../../src/search/entries/lines.js';

function read(chunks: Buffer[], lines: LineSplitter): string[] {
  return [...chunks.flatMap((chunk) => lines.read(chunk)), ...lines.end()];
}

const chunks = fc.array(fc.constantFrom('\n', '\r\n', '\r', 'a', 'é', '愛', '😀'), { maxLength: 20 }).chain((parts) => {
  const bytes = Buffer.from(parts.join(''));
  return fc
    .array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 5 })
    .map((cuts) => [0, ...cuts.sort((a, b) => a - b), bytes.length])
    .map((cuts) => cuts.slice(1).map((end, at) => bytes.subarray(cuts[at], end)))
    .map((chunks) => chunks.filter((chunk) => chunk.length > 0));
});

describe('LineSplitter', () => {
  it('splits a text into lines, wherever its chunks end', () => {
    fc.assert(
      fc.property(chunks, fc.boolean(), (chunks, withCr) => {
        const expected = Buffer.concat(chunks).toString().split('\n');
        if (expected.at(-1) === '') expected.pop();
        const lines = read(chunks, new LineSplitter(1000, withCr ? 'lf or crlf' : 'lf'));
        expect(lines).to.deep.equal(withCr ? expected.map((line) => line.replace(/\r$/, '')) : expected);
      }),
      { seed: 1, numRuns: 1000 },
    );
  });

  it('skips lines without affecting those that follow', () => {
    fc.assert(
      fc.property(chunks, fc.array(fc.boolean(), { minLength: 10, maxLength: 10 }), (chunks, skipped) => {
        const expected = Buffer.concat(chunks).toString().split('\n');
        if (expected.at(-1) === '') expected.pop();
        const lines = new LineSplitter(1000, 'lf');
        let nrRead = 0;
        for (const [at, chunk] of chunks.entries()) {
          if (skipped[at]) nrRead += lines.skip(chunk);
          else for (const line of lines.read(chunk)) expect(line).to.equal(expected[nrRead++]);
        }
        for (const line of lines.end()) expect(line).to.equal(expected[nrRead++]);
        expect(nrRead).to.equal(expected.length);
      }),
      { seed: 1, numRuns: 1000 },
    );
  });

  it('ignores that a skipped line was truncated', () => {
    const lines = new LineSplitter(3, 'lf');
    lines.skip(Buffer.from('longer'));
    expect(lines.skip(Buffer.from('\nab'))).to.equal(1);
    expect(lines.read(Buffer.from('\n'))).to.deep.equal(['ab']);
    expect(lines.isFirstTruncated).to.equal(false);
  });

  for (let maxBytes = 1; maxBytes < 12; maxBytes += 1) {
    it(`keeps whole characters of a line that is longer than ${maxBytes} bytes`, () => {
      const lines = new LineSplitter(maxBytes, 'lf');
      const [first] = read([Buffer.from('aé愛😀')], lines);
      const whole = ['a', 'aé', 'aé愛', 'aé愛😀'].filter((text) => Buffer.byteLength(text) <= maxBytes);
      expect(first).to.equal(whole.at(-1));
      expect(lines.isFirstTruncated).to.equal(maxBytes < 10);
    });
  }

  it('reports that the first line was truncated', () => {
    const lines = new LineSplitter(3, 'lf');
    expect(lines.read(Buffer.from('lo'))).to.deep.equal([]);
    expect(lines.read(Buffer.from('ng'))).to.deep.equal([]);
    expect(lines.read(Buffer.from('er\nab\nc'))).to.deep.equal(['lon', 'ab']);
    expect(lines.isFirstTruncated).to.equal(true);
    expect(lines.read(Buffer.from('d\n'))).to.deep.equal(['cd']);
    expect(lines.isFirstTruncated).to.equal(false);
  });
});

describe('truncate', () => {
  it('keeps surrogate pairs whole', () => {
    expect([0, 1, 2, 3, 4, 5].map((maxLength) => truncate('a😀b', maxLength))).to.deep.equal([
      '',
      'a',
      'a',
      'a😀',
      'a😀b',
      'a😀b',
    ]);
  });

  it('treats a lone surrogate as a character', () => {
    expect(truncate('\ud800ab', 1)).to.equal('\ud800');
  });
});

describe('countNewlines', () => {
  it('counts newlines', () => {
    expect(countNewlines(Buffer.from('a\n\nb\n'))).to.equal(3);
    expect(countNewlines(Buffer.from(''))).to.equal(0);
  });
});
