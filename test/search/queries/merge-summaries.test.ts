import { expect } from 'chai';
import { mergeSummaries } from '../../../src/search/queries/merge-summaries.js';

describe('mergeSummaries', () => {
  it('keeps the version that all searches read', () => {
    expect(mergeSummaries([{ version: '1' }, { version: '1' }])).to.deep.equal({ version: '1' });
  });

  it('omits the version if a search has none', () => {
    expect(mergeSummaries([{ version: '1' }, {}])).to.deep.equal({});
  });

  it('reports a dictionary that changed between the searches', () => {
    const ends = [{ version: '1', truncated: 'line_length' as const }, { version: '2' }];
    expect(mergeSummaries(ends)).to.deep.equal({ truncated: 'dictionary_changed' });
  });

  it('prefers missing texts to truncated entries', () => {
    const ends = [{ truncated: 'line_length' as const }, { truncated: 'distinct_texts' as const }];
    expect(mergeSummaries(ends)).to.deep.equal({ truncated: 'distinct_texts' });
  });
});
