import { expect } from 'chai';
import { MatchTally, type MatchTallyOptions, type TallyCount } from '../../../src/search/grep/match-tally.js';

describe('MatchTally', () => {
  /** Counts output that arrives in chunks of each size, which must make no difference. */
  function tally(output: Buffer | string, options: Omit<MatchTallyOptions, 'counts'>): Record<string, TallyCount> {
    const bytes = Buffer.from(output);
    const results = [1, 2, 3, 7, 64, 65, bytes.length + 1].map((size) => {
      const counts = new Map<string, TallyCount>();
      const reader = new MatchTally({ ...options, counts });
      for (let at = 0; at < bytes.length; at += size) reader.read(bytes.subarray(at, at + size));
      return Object.fromEntries(counts);
    });
    for (const result of results) expect(result).to.deep.equal(results[0]);
    return results[0] as Record<string, TallyCount>;
  }

  it('counts different lines and all matches of one file', () => {
    expect(tally('1:love\n1:love\n12:love\n12:1:x\n120:\n', { file: 'a' })).to.deep.equal({
      a: { entries: 3, matches: 5 },
    });
    expect(tally('', { file: 'a' })).to.deep.equal({});
  });

  it('reads texts of any bytes and length', () => {
    const texts = [
      '',
      '\0',
      '\xff\0:',
      '2:',
      '-',
      ...[62, 63, 64, 65, 66, 127, 1000].map((length) => ':'.repeat(length)),
    ];
    const output = Buffer.from(texts.map((text, at) => `${at + 1}:${text}\n`).join(''), 'latin1');
    expect(tally(output, { file: 'a' })).to.deep.equal({ a: { entries: texts.length, matches: texts.length } });
  });

  it('distinguishes files by their paths', () => {
    const long = 'x'.repeat(700);
    const lines = [
      'a\x001:x',
      'a\x001:x',
      'ab\x001:x',
      'ab\x002:x',
      'a\x001:b\0c',
      `${long}\x001:x`,
      'a\nb\x001:x',
      'ü\x003:',
    ];
    const pathOf = (printed: string) => `<${printed}>`;
    expect(tally(lines.map((line) => `${line}\n`).join(''), { pathOf })).to.deep.equal({
      '<a>': { entries: 2, matches: 3 },
      '<ab>': { entries: 2, matches: 2 },
      [`<${long}>`]: { entries: 1, matches: 1 },
      '<a\nb>': { entries: 1, matches: 1 },
      '<ü>': { entries: 1, matches: 1 },
    });
  });

  it('finds the sections of lines', () => {
    const section = (path: string, firstLine: number, lines: number) => ({
      file: { path },
      firstLine,
      lines,
      lineInFile: 1,
    });
    const sections = [
      section('a', 1, 2),
      section('empty', 3, 0),
      section('b', 3, 5),
      section('none', 8, 1),
      section('b', 9, 2),
    ];
    expect(tally('2:x\n2:x\n3:x\n7:x\n9:x\n10:x\n10:x\n', { sections })).to.deep.equal({
      a: { entries: 1, matches: 2 },
      b: { entries: 4, matches: 5 },
    });
  });
});
