import { expect } from 'chai';
import { DispersionRecorder, MAX_MARKS, MAX_STRIPS } from '../../src/search/dispersion.js';

/** Files with these numbers of lines and matching lines. */
type Files = Record<string, { lines: number; matches: readonly number[] }>;

const upTo = (lines: number) => Array.from({ length: lines }, (_, at) => at + 1);

function lineCountsOf(files: Files): Map<string, number> {
  return new Map(Object.entries(files).map(([file, { lines }]) => [file, lines]));
}

/** Observes all matches, and returns their number. */
function observeAll(recorder: DispersionRecorder, files: Files): number {
  let nrOfMatches = 0;
  for (const [file, { matches }] of Object.entries(files)) {
    for (const line of matches) recorder.observe(file, line);
    nrOfMatches += matches.length;
  }
  return nrOfMatches;
}

function dispersionOf(files: Files, lineCounts = lineCountsOf(files)) {
  const recorder = new DispersionRecorder();
  recorder.setLineCounts(lineCounts);
  return recorder.dispersion(observeAll(recorder, files)) ?? expect.fail('no dispersion');
}

describe('DispersionRecorder', () => {
  it('returns where the matches lie in each file that has any', () => {
    const files = {
      'a.txt': { lines: 4, matches: [1, 4] },
      'b.txt': { lines: 10, matches: [] },
      'c.txt': { lines: 2, matches: [2] },
    };
    expect(dispersionOf(files)).to.deep.equal({
      strips: [
        {
          file: 'a.txt',
          lines: 4,
          count: 2,
          marks: [
            { start: 0, end: 0.25, firstLine: 1, lastLine: 1, count: 1 },
            { start: 0.75, end: 1, firstLine: 4, lastLine: 4, count: 1 },
          ],
        },
        {
          file: 'c.txt',
          lines: 2,
          count: 1,
          marks: [{ start: 0.5, end: 1, firstLine: 2, lastLine: 2, count: 1 }],
        },
      ],
      nrOfFiles: 3,
      countByFile: new Map([
        ['a.txt', 2],
        ['c.txt', 1],
      ]),
      isComplete: true,
    });
  });

  it('combines neighboring matches in a long file', () => {
    const { strips } = dispersionOf({ 'a.txt': { lines: 480_000, matches: [1, 2, 1_000, 1_001, 480_000] } });
    const marks = strips[0]?.marks.map(({ start, firstLine, lastLine, count }) => [
      start * 480,
      firstLine,
      lastLine,
      count,
    ]);
    expect(marks).to.deep.equal([
      [0, 1, 1_000, 3],
      [1, 1_001, 1_001, 1],
      [479, 480_000, 480_000, 1],
    ]);
  });

  for (const [title, files] of [
    ['a file in which every line matches', { 'a.txt': { lines: 100_000, matches: upTo(100_000) } }],
    ['a short file in which every line matches', { 'a.txt': { lines: 7, matches: upTo(7) } }],
    [
      'files in which every other line matches',
      Object.fromEntries(upTo(100).map((n) => [`${n}`, { lines: 999, matches: upTo(499).map((m) => 2 * m) }])),
    ],
    [
      "many files in which ten lines match and ten don't",
      Object.fromEntries(upTo(300).map((n) => [`${n}`, { lines: 400, matches: upTo(400).filter((m) => m % 20 < 10) }])),
    ],
    [
      'files in which every line matches',
      Object.fromEntries(upTo(200).map((n) => [`${n}`, { lines: 2_000, matches: upTo(2_000) }])),
    ],
  ] as const) {
    it(`returns a limited number of disjoint marks that cover all matches: ${title}`, () => {
      const { strips } = dispersionOf(files);
      const nrOfMarks = strips.reduce((sum, { marks }) => sum + marks.length, 0);
      expect(nrOfMarks).to.be.within(1, MAX_MARKS);
      for (const { file, lines, count, marks } of strips) {
        let last = { end: 0, lastLine: 0 };
        for (const mark of marks) {
          expect(mark.start).to.be.at.least(last.end - 1e-9);
          expect(mark.firstLine).to.be.above(last.lastLine);
          expect(mark.end)
            .to.be.above(mark.start)
            .and.at.most(1 + 1e-9);
          // The mark covers its lines.
          expect((mark.firstLine - 1) / lines).to.be.at.least(mark.start - 1e-9);
          expect(mark.lastLine / lines).to.be.at.most(mark.end + 1 / lines + 1e-9);
          last = mark;
        }
        expect(marks.reduce((sum, mark) => sum + mark.count, 0)).to.equal(count);
        expect(count).to.equal((files as Files)[file]?.matches.length);
      }
    });
  }

  it('returns at most MAX_STRIPS files, and counts the others', () => {
    const files = Object.fromEntries(upTo(MAX_STRIPS + 5).map((n) => [`${n}.txt`, { lines: 1, matches: [1] }]));
    const { strips, countByFile } = dispersionOf(files);
    expect(strips.map(({ file }) => file)).to.deep.equal(upTo(MAX_STRIPS).map((n) => `${n}.txt`));
    expect(countByFile).to.have.property('size', MAX_STRIPS + 5);
  });

  it('ignores lines and files that were added after the lines were counted', () => {
    const files = { 'a.txt': { lines: 3, matches: [2, 3] }, 'new.txt': { lines: 1, matches: [1] } };
    const { strips, isComplete } = dispersionOf(files, new Map([['a.txt', 2]]));
    expect(strips.map(({ file, count }) => [file, count])).to.deep.equal([['a.txt', 1]]);
    expect(isComplete).to.equal(true);
  });

  it('accepts the line counts before, during and after the search', () => {
    const files = Object.fromEntries(upTo(3).map((n) => [`${n}.txt`, { lines: 99 * n, matches: upTo(33 * n) }]));
    const expected = dispersionOf(files);
    for (const nrOfEarlyFiles of [1, 2, 3]) {
      const recorder = new DispersionRecorder();
      const early = Object.entries(files).slice(0, nrOfEarlyFiles);
      const late = Object.entries(files).slice(nrOfEarlyFiles);
      observeAll(recorder, Object.fromEntries(early));
      recorder.setLineCounts(lineCountsOf(files));
      observeAll(recorder, Object.fromEntries(late));
      expect(recorder.dispersion(33 * 6)).to.deep.equal(expected);
    }
  });

  it('returns nothing without line counts', () => {
    const recorder = new DispersionRecorder();
    recorder.observe('a.txt', 1);
    expect(recorder.dispersion(1)).to.equal(undefined);
  });

  it('returns the first matches if it misses the others', () => {
    const recorder = new DispersionRecorder();
    recorder.setLineCounts(new Map([['a.txt', 2]]));
    recorder.observe('a.txt', 1);
    const { strips, isComplete } = recorder.dispersion(2) ?? expect.fail('no dispersion');
    expect(strips.map(({ count }) => count)).to.deep.equal([1]);
    expect(isComplete).to.equal(false);
  });

  it('is open until it is closed, and records what is located nevertheless', () => {
    const recorder = new DispersionRecorder();
    recorder.setLineCounts(new Map([['a.txt', 2]]));
    expect(recorder.signal.aborted).to.equal(false);
    recorder.close();
    expect(recorder.signal.aborted).to.equal(true);
    recorder.observe('a.txt', 1);
    expect(recorder.dispersion(1)).to.deep.include({ isComplete: true, countByFile: new Map([['a.txt', 1]]) });
  });

  it('closes after many matches without line counts, and returns those', () => {
    const recorder = new DispersionRecorder();
    const lines = 1_000_000;
    for (let line = 1; !recorder.signal.aborted && line <= lines; line += 1) recorder.observe('a.txt', line);
    expect(recorder.signal.aborted).to.equal(true);
    recorder.observe('a.txt', lines);
    recorder.setLineCounts(new Map([['a.txt', lines]]));
    recorder.observe('a.txt', lines);
    const { strips, isComplete } = recorder.dispersion(lines) ?? expect.fail('no dispersion');
    const [strip] = strips;
    expect(strip?.count).to.be.within(100_000, 900_000);
    expect(strip?.marks.at(-1)?.lastLine).to.equal(strip?.count);
    expect(isComplete).to.equal(false);
  });
});
