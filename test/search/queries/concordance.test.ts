// `concordance.slow.ts` asks many more questions.
import { expect } from 'chai';
import type { Answer, EntryObject, Match, Truncation } from '../../../src/search/engine.js';
import { concordance } from '../../../src/search/queries/concordance.js';
import { MAX_SIDE_CHARACTERS, MAX_SORT_WORD_LENGTH } from '../../../src/search/queries/match-context.js';
import { MAX_SORTED_LENGTH, MAX_SORTED_LINES } from '../../../src/search/queries/sorted-lines.js';
import { stubEngine } from '../../helpers/stub-engine.js';
import { codeOf } from '../engines/engine-contract.js';
import { collectLines, concordanceQuery } from './concordance-query.js';
import { compareWithGrepAndSort } from './concordance-questions.js';

const never = new AbortController().signal;

/** The number of entries in a batch. */
const BATCH_ENTRIES = 1_000;

/** An entry in which `love` matches. */
function entryOf(text: string, line = 1): EntryObject {
  const matches = [...text.matchAll(/love/g)].map(({ index }): Match => [index, index + 4]);
  return { file: 'a.txt', line, text, before: [], after: [], matches };
}

/** An engine that finds entries in batches, and records what was read. */
function openEngine(batches: Iterable<EntryObject[]>, truncated?: Truncation) {
  const read = { batches: 0, isClosed: false };
  async function* find(): Answer {
    try {
      for (const batch of batches) {
        read.batches += 1;
        yield batch;
      }
      return { nrOfEntries: 7, version: 'v1', ...(truncated && { truncated }) };
    } finally {
      read.isClosed = true;
    }
  }
  return { engine: stubEngine(find), read };
}

function ask(texts: readonly string[], query: Parameters<typeof concordanceQuery>[0] = {}) {
  const { engine } = openEngine([texts.map((text) => entryOf(text))]);
  return collectLines(concordance(engine, concordanceQuery(query), never));
}

async function linesOf(texts: readonly string[], query: Parameters<typeof concordanceQuery>[0] = {}) {
  const { lines } = await ask(texts, query);
  return lines.map(({ left, match, right }) => `${left}[${match}]${right}`);
}

/** Yields entries of one match each, in batches. The words beside it count down. */
function* countdown(entries: number, textOf: (word: string) => string): Generator<EntryObject[]> {
  for (let first = 0; first < entries; first += BATCH_ENTRIES) {
    const length = Math.min(BATCH_ENTRIES, entries - first);
    yield Array.from({ length }, (_, at) => entryOf(textOf(String(1e6 - first - at)), first + at + 1));
  }
}

describe('concordance', function () {
  this.timeout(30_000);

  it('returns the lines that grep and sort produce', async () => {
    const { asked, found, sorted } = await compareWithGrepAndSort({ seed: 21, rounds: 1, questions: 40 });
    expect(asked).to.equal(40);
    // Otherwise the test would prove nothing.
    expect(found).to.be.above(15);
    expect(sorted).to.be.above(10);
  });

  it('returns a line for each match, and counts the matches', async () => {
    const { engine } = openEngine([[entryOf('I love to love', 3)], [entryOf('none', 4), entryOf('x\ny love', 5)]]);
    expect(await collectLines(concordance(engine, concordanceQuery({ width: 3 }), never))).to.deep.equal({
      lines: [
        { file: 'a.txt', line: 3, left: 'I ', match: 'love', right: ' to' },
        { file: 'a.txt', line: 3, left: 'to ', match: 'love', right: '' },
        { file: 'a.txt', line: 6, left: ' y ', match: 'love', right: '' },
      ],
      nrOfEntries: 3,
      version: 'v1',
    });
  });

  it('shows line ends and tabs as spaces, one for each', async () => {
    expect(await linesOf(['a\n\tb love\r\u2028c'])).to.deep.equal(['a  b [love]  c']);
  });

  it('splits neither surrogate pairs nor letters with marks', async () => {
    const text = 'e\u0301\u{10400} love \u{10400}e\u0301';
    expect(await linesOf([text], { width: 2 })).to.deep.equal(['\u{10400} [love] \u{10400}']);
    expect(await linesOf([text], { width: 3 })).to.deep.equal(['\u{10400} [love] \u{10400}']);
    expect(await linesOf([text], { width: 4 })).to.deep.equal([text.replace('love', '[love]')]);
    expect(await linesOf(['x👩‍👧 love 👍🏽x'], { width: 2 })).to.deep.equal([' [love] ']);
  });

  it('measures a side in words', async () => {
    const texts = ['(a, b) well-known love, don’t – c. d'];
    expect(await linesOf(texts, { width: 2, width_unit: 'words' })).to.deep.equal(['b) well-known [love], don’t – c']);
    expect(await linesOf(texts, { width: 0, width_unit: 'words' })).to.deep.equal(['[love]']);
    expect(await linesOf(texts, { width: 9, width_unit: 'words' })).to.deep.equal([
      texts[0]?.replace('love', '[love]'),
    ]);
  });

  it('limits the length of words', async () => {
    const space = ' '.repeat(MAX_SIDE_CHARACTERS);
    const lines = await linesOf([`a${space}love${space}b`], { width: 1, width_unit: 'words' });
    expect(lines).to.deep.equal([`${space}[love]${space}`]);
  });

  it('sorts by the three nearest words', async () => {
    const texts = [
      'd B a love',
      'c b A love',
      'a love',
      'x c b a love',
      'z d b a love',
      'love',
      'é love',
      'e\u0301-a love',
    ];
    expect(await linesOf(texts, { order: 'left' })).to.deep.equal([
      ...['[love]', 'a [love]', 'c b A [love]', 'x c b a [love]', 'd B a [love]', 'z d b a [love]'],
      ...['é [love]', 'e\u0301-a [love]'],
    ]);
    expect(await linesOf(['love b', 'love, a z', 'love! A b'], { order: 'right' })).to.deep.equal([
      ...['[love]! A b', '[love], a z', '[love] b'],
    ]);
  });

  it('sorts by the match, ignoring case, and equal ones in file order', async () => {
    const entries = ['Love b', 'lord', 'love a', 'LIFE c lord'].map((text, index) => ({
      ...entryOf(text, index + 1),
      matches: [...text.matchAll(/l[a-z]+/gi)].map(({ index, 0: match }): Match => [index, index + match.length]),
    }));
    const { engine } = openEngine([entries]);
    const { lines } = await collectLines(concordance(engine, concordanceQuery({ order: 'match' }), never));
    expect(lines.map(({ line, match }) => [line, match])).to.deep.equal([
      [4, 'LIFE'],
      [2, 'lord'],
      [4, 'lord'],
      [1, 'Love'],
      [3, 'love'],
    ]);
  });

  it('sorts by words that the width hides', async () => {
    const { lines } = await ask(['x\nlove 2', 'love 1'], { order: 'right', width: 0 });
    expect(lines.map(({ line, right }) => [line, right])).to.deep.equal([
      [1, ''],
      [2, ''],
    ]);
  });

  it('compares long words by their beginning', async () => {
    const long = 'a'.repeat(MAX_SORT_WORD_LENGTH);
    const words = [`${long}b`, `${long}a`, `${long.slice(1)}c`, `${long.slice(1)}b`];
    const lines = await linesOf(
      words.map((word) => `love ${word}`),
      { order: 'right', width: 1_000 },
    );
    expect(lines).to.deep.equal([words[0], words[1], words[3], words[2]].map((word) => `[love] ${word}`));
  });

  it('returns lines in file order before the search has ended', async () => {
    const { engine, read } = openEngine([[entryOf('love')], [entryOf('love')]]);
    const answer = concordance(engine, concordanceQuery(), never);
    expect((await answer.next()).value).to.have.length(1);
    expect(read).to.deep.equal({ batches: 1, isClosed: false });
    await answer.return({ nrOfEntries: 0 });
    expect(read).to.deep.equal({ batches: 1, isClosed: true });
  });

  it('divides an entry with many matches into batches', async () => {
    const { engine } = openEngine([[entryOf('love '.repeat(10_000))]]);
    const answer = concordance(engine, concordanceQuery(), never);
    const { value } = await answer.next();
    expect(value).to.have.length.within(100, 1_000);
    await answer.return({ nrOfEntries: 0 });
  });

  it('passes on why the search is incomplete', async () => {
    for (const order of ['file', 'left'] as const) {
      const { engine } = openEngine([[entryOf('love')]], 'line_length');
      const { truncated } = await collectLines(concordance(engine, concordanceQuery({ order }), never));
      expect(truncated).to.equal('line_length');
    }
  });

  it('stops between the matches of an entry when its signal aborts', async () => {
    for (const order of ['file', 'right'] as const) {
      const { engine, read } = openEngine([[entryOf('love '.repeat(1_000))], [entryOf('love')]]);
      const controller = new AbortController();
      const answer = concordance(engine, concordanceQuery({ order }), controller.signal);
      const end = collectLines(answer).then(
        () => 'an answer',
        (error: unknown) => error,
      );
      controller.abort('left');
      expect(await end).to.equal('left');
      expect(read).to.deep.equal({ batches: 1, isClosed: true });
    }
  });

  describe('in the order of words', () => {
    const sort = (entries: Iterable<EntryObject[]>, query: object) =>
      collectLines(concordance(openEngine(entries).engine, concordanceQuery({ order: 'right', ...query }), never));

    it('finds the first lines among any number of matches', async () => {
      const entries = countdown(MAX_SORTED_LINES + 1, (word) => `love ${word}`);
      const { lines, nrOfEntries } = await sort(entries, { offset: 2, nresults: 3 });
      expect(nrOfEntries).to.equal(MAX_SORTED_LINES + 1);
      const last = MAX_SORTED_LINES + 1;
      // 1000000 sorts before 900000.
      expect(lines.map(({ line }) => line)).to.deep.equal([last - 1, last - 2, last - 3]);
    });

    it(`sorts ${MAX_SORTED_LINES} lines`, async () => {
      const { lines } = await sort(
        countdown(MAX_SORTED_LINES, (word) => `love ${word}`),
        {},
      );
      expect(lines).to.have.length(MAX_SORTED_LINES);
      expect(lines.map(({ right }) => right)).to.deep.equal(lines.map(({ right }) => right).sort());
    });

    it('rejects a sort of more lines', async () => {
      const entries = () => countdown(MAX_SORTED_LINES + 1, (word) => `love ${word}`);
      expect(await codeOf(sort(entries(), {}))).to.equal('invalid_request');
      expect(await codeOf(sort(entries(), { nresults: 1, offset: MAX_SORTED_LINES }))).to.equal('invalid_request');
    });

    it('fails before it has read all matches', async () => {
      const { engine, read } = openEngine(countdown(2 * MAX_SORTED_LINES, (word) => `love ${word}`));
      expect(await codeOf(collectLines(concordance(engine, concordanceQuery({ order: 'left' }), never)))).to.equal(
        'invalid_request',
      );
      expect(read.isClosed).to.equal(true);
      expect(read.batches * BATCH_ENTRIES).to.equal(MAX_SORTED_LINES + BATCH_ENTRIES);
    });

    it('rejects a sort of lines that are too long in total', async () => {
      const width = 1_000;
      const entries = () => countdown(MAX_SORTED_LENGTH / width, (word) => `love ${word} ${'x'.repeat(width)}`);
      expect(await codeOf(sort(entries(), { width }))).to.equal('invalid_request');
      expect((await sort(entries(), { width, nresults: 1_000 })).lines).to.have.length(1_000);
    });
  });
});
