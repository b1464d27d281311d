import { expect } from 'chai';
import { mergeEnds } from '../../../src/search/queries/merge-ends.js';

describe('mergeEnds', () => {
  it('keeps the version that all searches read', () => {
    expect(mergeEnds([{ version: '1' }, { version: '1' }])).to.deep.equal({ version: '1' });
  });

  it('omits the version if a search has none', () => {
    expect(mergeEnds([{ version: '1' }, {}])).to.deep.equal({});
  });

  it('reports a dictionary that changed between the searches', () => {
    const ends = [{ version: '1', truncated: 'line_length' as const }, { version: '2' }];
    expect(mergeEnds(ends)).to.deep.equal({ truncated: 'dictionary_changed' });
  });

  it('prefers missing texts to truncated entries', () => {
    const ends = [{ truncated: 'line_length' as const }, { truncated: 'distinct_texts' as const }];
    expect(mergeEnds(ends)).to.deep.equal({ truncated: 'distinct_texts' });
  });
});
