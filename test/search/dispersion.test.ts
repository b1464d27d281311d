import { expect } from 'chai';
import { AppError } from '../../src/errors.js';
import { disperse, MAX_MARKS, MAX_STRIPS } from '../../src/search/dispersion.js';
import type { Entry } from '../../src/search/engine.js';
import { searchQuery } from '../helpers/queries.js';
import { stubEngine, untilAborted } from '../helpers/stub-engine.js';

const never = new AbortController().signal;

/** Stubs an engine whose files have these numbers of lines and matching lines. */
function engineOf(files: Record<string, { lines: number; matches: number[] }>) {
  const engine = stubEngine(async function* () {
    for (const [file, { matches }] of Object.entries(files)) {
      for (const line of matches) yield [{ file, line, text: '', before: [], after: [], matches: [] }] as Entry[];
    }
    return { nrOfEntries: 0 };
  });
  const counts = new Map(Object.entries(files).map(([file, { lines }]) => [file, lines]));
  return { ...engine, lineCounts: async () => counts };
}

const upTo = (lines: number) => Array.from({ length: lines }, (_, at) => at + 1);
const dispersionOf = (files: Parameters<typeof engineOf>[0]) =>
  disperse(engineOf(files), searchQuery(), { signal: never, softTimeout: never });

describe('disperse', () => {
  it('returns where the matches lie in each file that has any', async () => {
    const files = {
      'a.txt': { lines: 4, matches: [1, 4] },
      'b.txt': { lines: 10, matches: [] },
      'c.txt': { lines: 2, matches: [2] },
    };
    expect(await dispersionOf(files)).to.deep.equal({
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
      nrOfFilesWithMatches: 2,
      isComplete: true,
    });
  });

  it('searches for all matches without context, whatever the query asks for', async () => {
    let received: unknown;
    const engine = stubEngine(async function* (query) {
      received = query;
      yield [];
      return { nrOfEntries: 0 };
    });
    const query = searchQuery({ term: 'a', nresults: 5, offset: 7, order: 'random', n_before: 1, n_after: 2 });
    await disperse(engine, query, { signal: never, softTimeout: never });
    expect(received).to.deep.equal(searchQuery({ term: 'a', format: 'location' }));
  });

  it('combines neighboring matches in a long file', async () => {
    const { strips } = await dispersionOf({ 'a.txt': { lines: 480_000, matches: [1, 2, 1_000, 1_001, 480_000] } });
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
    it(`returns a limited number of disjoint marks that cover all matches: ${title}`, async () => {
      const { strips } = await dispersionOf(files);
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
        expect(count).to.equal((files as Parameters<typeof engineOf>[0])[file]?.matches.length);
      }
    });
  }

  it('returns at most MAX_STRIPS files, and counts the others', async () => {
    const files = Object.fromEntries(upTo(MAX_STRIPS + 5).map((n) => [`${n}.txt`, { lines: 1, matches: [1] }]));
    const { strips, nrOfFilesWithMatches } = await dispersionOf(files);
    expect(strips.map(({ file }) => file)).to.deep.equal(upTo(MAX_STRIPS).map((n) => `${n}.txt`));
    expect(nrOfFilesWithMatches).to.equal(MAX_STRIPS + 5);
  });

  it('ignores lines and files that were added after the lines were counted', async () => {
    const engine = engineOf({ 'a.txt': { lines: 2, matches: [2, 3] }, 'new.txt': { lines: 1, matches: [1] } });
    const lineCounts = async () => new Map([['a.txt', 2]]);
    const { strips } = await disperse({ ...engine, lineCounts }, searchQuery(), { signal: never, softTimeout: never });
    expect(strips.map(({ file, count }) => [file, count])).to.deep.equal([['a.txt', 1]]);
  });

  it('returns the matches so far when `softTimeout` aborts', async () => {
    const softTimeout = new AbortController();
    const engine = stubEngine(async function* (_, signal) {
      yield [{ file: 'a.txt', line: 1, text: '', before: [], after: [], matches: [] }];
      softTimeout.abort();
      return await untilAborted(signal);
    });
    const lineCounts = async () => new Map([['a.txt', 2]]);
    const options = { signal: never, softTimeout: softTimeout.signal };
    const { strips, isComplete } = await disperse({ ...engine, lineCounts }, searchQuery(), options);
    expect(strips.map(({ count }) => count)).to.deep.equal([1]);
    expect(isComplete).to.equal(false);
  });

  it('throws the reason of its signal, and the errors of the search', async () => {
    const reason = new Error('gone');
    const left = new AbortController();
    const engine = stubEngine((_, signal) => untilAborted(signal) as never);
    const waiting = { ...engine, lineCounts: (_: unknown, signal: AbortSignal) => untilAborted(signal) };
    const ended = disperse(waiting, searchQuery(), { signal: left.signal, softTimeout: never }).catch((error) => error);
    left.abort(reason);
    expect(await ended).to.equal(reason);

    const busy = new AppError('too_busy', 'Too many.');
    const failing = stubEngine(() => {
      throw busy;
    });
    const failed = disperse(failing, searchQuery(), { signal: never, softTimeout: never }).catch((error) => error);
    expect(await failed).to.equal(busy);
  });
});
