import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { type GrepEngine, openGrep } from '../../../src/search/engines/grep/grep-engine.js';
import { countTexts } from '../../../src/search/queries/frequencies.js';
import type { TextLimits } from '../../../src/search/queries/text-counts.js';
import type { Frequency, FrequencyQuery } from '../../../src/search/query.js';
import { engineOptions } from '../../helpers/queries.js';
import { type TempFolder, tempFolder } from '../../helpers/temp-folder.js';
import { compareWithSort } from './frequency-questions.js';

const never = new AbortController().signal;

describe('countTexts', () => {
  let folder: TempFolder;
  let engine: GrepEngine;

  before(async () => {
    folder = await tempFolder();
    engine = await openGrep(engineOptions({ dictionariesDir: folder.path }));
  });
  after(async () => {
    await engine.close();
    await folder.remove();
  });

  const write = (text: string) => writeFileSync(join(folder.path, 'd.txt'), text);

  it('answers 50 generated questions as grep, sort and uniq do', async function () {
    this.timeout(30_000);
    const { asked, found, weighed } = await compareWithSort({ seed: 21, rounds: 1, questions: 50 });
    expect(asked).to.equal(50);
    // Otherwise the test would prove nothing.
    expect(found).to.be.above(5);
    expect(weighed).to.be.above(10);
  });

  type Query = Partial<FrequencyQuery> & { term: string };

  function toQuery({ term, ...query }: Query): FrequencyQuery {
    return {
      dictionary: 'd.txt',
      unit: 'line',
      all_of: [{ term, syntax: 'regex', ignore_case: false }],
      any_of: [],
      none_of: [],
      join_hyphens: false,
      ignore_marks: false,
      fold_case: false,
      distance: 1,
      nresults: 0,
      offset: 0,
      ...query,
    };
  }

  async function count(query: Query, limits?: TextLimits) {
    const answer = countTexts(engine, toQuery(query), never, limits);
    const results: Frequency[] = [];
    let batches = 0;
    for (;;) {
      const step = await answer.next();
      if (step.done) {
        const { version: _, ...summary } = step.value;
        return { ...summary, results, batches };
      }
      batches += 1;
      results.push(...step.value);
    }
  }

  it('orders texts by count, then in byte order of UTF-8', async () => {
    write('b a\n\u{10000} \uffff B b\n');
    expect((await count({ term: '[^ ]' })).results).to.deep.equal([
      { text: 'b', count: 2 },
      { text: 'B', count: 1 },
      { text: 'a', count: 1 },
      { text: '\uffff', count: 1 },
      { text: '\u{10000}', count: 1 },
    ]);
  });

  it('counts texts that differ only in case as one', async () => {
    write('Love love LOVE, Éa éA\n');
    const { results, nrOfEntries } = await count({ term: '[[:alpha:]]+', fold_case: true });
    expect(results).to.deep.equal([
      { text: 'love', count: 3 },
      { text: 'éa', count: 2 },
    ]);
    expect(nrOfEntries).to.equal(2);
  });

  it('returns a page of all texts', async () => {
    write('a a a b b c d\n');
    const { results, nrOfEntries } = await count({ term: '[a-z]', offset: 1, nresults: 2 });
    expect({ results, nrOfEntries }).to.deep.equal({
      results: [
        { text: 'b', count: 2 },
        { text: 'c', count: 1 },
      ],
      nrOfEntries: 4,
    });
  });

  it('counts a word beside several matches once', async () => {
    write('one x two x three\nx four\n');
    const right = await count({ term: 'x', by: 'right', distance: 3 });
    expect(right.results.map(({ text, count: times }) => [text, times])).to.deep.equal([
      ['four', 1],
      ['three', 1],
      ['two', 1],
      ['x', 1],
    ]);
    const left = await count({ term: 'x', by: 'left', distance: 3 });
    expect(left.results.map(({ text, count: times }) => [text, times])).to.deep.equal([
      ['one', 1],
      ['two', 1],
      ['x', 1],
    ]);
  });

  it('ignores the word that a match is part of', async () => {
    write('a banana split\n');
    for (const [by, text] of [
      ['left', 'a'],
      ['right', 'split'],
    ] as const) {
      const { results } = await count({ term: 'an', by, distance: 5 });
      expect(results.map((each) => each.text)).to.deep.equal([text]);
    }
  });

  it('compares the words with the whole dictionary', async () => {
    // Right of "the": swiss 2, dog 1. In the dictionary: 10 words, of which swiss 3.
    write('the swiss the dog\nthe swiss swiss a a a\n');
    const { results } = await count({ term: 'the', by: 'right' });
    const [swiss] = results;
    // 2 (2 ln(2·10/(3·3)) + 1 ln(1·10/(7·3)) + 1 ln(1·10/(3·7)) + 6 ln(6·10/(7·7)))
    expect(swiss).to.deep.equal({ text: 'swiss', count: 2, log_likelihood: 2.6566 });
  });

  it('adds no log-likelihood to matches', async () => {
    write('a\n');
    expect((await count({ term: 'a' })).results).to.deep.equal([{ text: 'a', count: 1 }]);
  });

  it('returns nothing if no word is beside a match', async () => {
    write('x\n\nx\n');
    expect(await count({ term: 'x', by: 'left' })).to.deep.equal({ nrOfEntries: 0, results: [], batches: 0 });
  });

  describe('with more distinct texts than the limit', () => {
    const text = `${Array.from({ length: 50 }, (_, number) => `w${number} w0\n`).join('')}`;

    it('counts the first ones exactly', async () => {
      write(text);
      expect(await count({ term: 'w[0-9]+' }, { texts: 3, length: 1_000 })).to.deep.equal({
        nrOfEntries: 3,
        truncated: 'distinct_texts',
        results: [
          { text: 'w0', count: 51 },
          { text: 'w1', count: 1 },
          { text: 'w2', count: 1 },
        ],
        batches: 1,
      });
    });

    it('limits their total length', async () => {
      write(text);
      const { results, truncated } = await count({ term: '.*' }, { texts: 1_000, length: 30 });
      expect(truncated).to.equal('distinct_texts');
      expect(results.map((each) => each.text)).to.deep.equal(['w0 w0', 'w1 w0', 'w2 w0', 'w3 w0', 'w4 w0', 'w5 w0']);
    });

    it('still compares the counted words with the whole dictionary', async () => {
      write(text);
      const all = await count({ term: 'w0$', by: 'left' });
      const first = await count({ term: 'w0$', by: 'left' }, { texts: 1, length: 1_000 });
      expect(first.results).to.deep.equal(all.results.filter((each) => each.text === 'w0'));
    });
  });

  it('yields many texts in batches', async () => {
    write(Array.from({ length: 5_000 }, (_, number) => `w${number}\n`).join(''));
    const { nrOfEntries, batches } = await count({ term: '.*' });
    expect(nrOfEntries).to.equal(5_000);
    expect(batches).to.equal(3);
  });

  it('rejects with the reason of its signal', async () => {
    write('a\n'.repeat(100_000));
    for (const by of [undefined, 'left'] as const) {
      const controller = new AbortController();
      const query = { term: 'a', by };
      const counting = countTexts(engine, toQuery(query), controller.signal).next();
      controller.abort(new Error('gone'));
      const failure = await counting.then(
        () => undefined,
        (error) => error.message,
      );
      expect(failure).to.equal('gone');
    }
  });
});
