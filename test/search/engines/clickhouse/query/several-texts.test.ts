import { expect } from 'chai';
import { type AllQuery, type Answer, collect } from '../../../../../src/search/engine.js';
import { readSeveral } from '../../../../../src/search/engines/clickhouse/query/several-texts.js';
import { allQuery } from '../../../../helpers/queries.js';

describe('readSeveral', () => {
  let closed: string[] = [];
  beforeEach(() => {
    closed = [];
  });

  /** Answers as an engine does for a text of four entries. */
  async function* read({ offset, nresults }: AllQuery, text: string): Answer {
    const entries = [1, 2, 3, 4].map((number) => `${text}${number}`);
    try {
      yield entries.slice(offset, nresults > 0 ? offset + nresults : undefined);
      return { nrOfEntries: entries.length, version: text };
    } finally {
      closed.push(text);
    }
  }
  const answer = (query: Partial<AllQuery> = {}) => readSeveral(allQuery(query), ['a', 'b'], read);

  it('returns the entries of all texts, their number and their versions', async () => {
    const all = { nrOfEntries: 8, entries: ['a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'b3', 'b4'] };
    expect(await collect(answer())).to.deep.equal(all);
    const reading = answer();
    let step = await reading.next();
    while (!step.done) step = await reading.next();
    expect(step.value).to.deep.equal({ nrOfEntries: 8, version: 'a\0b' });
  });

  it('returns a page across texts, and counts the rest', async () => {
    const page = { nrOfEntries: 8, entries: ['a3', 'a4', 'b1'] };
    expect(await collect(answer({ offset: 2, nresults: 3 }))).to.deep.equal(page);
    expect(await collect(answer({ nresults: 1 }))).to.deep.equal({ nrOfEntries: 8, entries: ['a1'] });
  });

  it('ends the answer about a text if the reader stops', async () => {
    for await (const _ of answer()) break;
    expect(closed).to.deep.equal(['a']);
  });
});
