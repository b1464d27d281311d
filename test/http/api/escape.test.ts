import { expect } from 'chai';
import { escapeEntry } from '../../../src/http/api/escape.js';
import type { ConcordanceLine, FileCount, Frequency } from '../../../src/search/query.js';

const RAW = `<a href="x">R&D's</a>`;
const ESCAPED = '&lt;a href=&quot;x&quot;&gt;R&amp;D&#39;s&lt;/a&gt;';

describe('escapeEntry', () => {
  it('escapes a text', () => {
    expect(escapeEntry(RAW)).to.equal(ESCAPED);
  });

  it('escapes the texts of an entry, and shifts the offsets of its matches', () => {
    const entry = { file: '<', line: 1, before: ['>'], text: '<b> & <b>', after: ['"', "'"] };
    expect(
      escapeEntry({
        ...entry,
        matches: [
          [1, 3],
          [4, 7],
        ],
      }),
    ).to.deep.equal({
      file: '&lt;',
      line: 1,
      before: ['&gt;'],
      text: '&lt;b&gt; &amp; &lt;b&gt;',
      after: ['&quot;', '&#39;'],
      matches: [
        [4, 9],
        [10, 20],
      ],
    });
  });

  it('escapes a line of a concordance', () => {
    const line: ConcordanceLine = { file: RAW, line: 2, left: '<', match: RAW, right: '&' };
    const escaped = { file: ESCAPED, line: 2, left: '&lt;', match: ESCAPED, right: '&amp;' };
    expect(escapeEntry(line)).to.deep.equal(escaped);
  });

  it('escapes the path of a count', () => {
    const count: FileCount = { file: RAW, entries: 1, matches: 2, per_million_words: 1.5 };
    expect(escapeEntry(count)).to.deep.equal({ ...count, file: ESCAPED });
  });

  it('escapes the text of a frequency', () => {
    const frequency: Frequency = { text: RAW, count: 3, log_likelihood: 4.5 };
    expect(escapeEntry(frequency)).to.deep.equal({ ...frequency, text: ESCAPED });
    expect(escapeEntry({ text: '<', count: 1 })).to.deep.equal({ text: '&lt;', count: 1 });
  });
});
