import { expect } from 'chai';
import type { Term } from '../../../../src/search/engine.js';
import { filterLines, type LineFilterOptions } from '../../../../src/search/engines/grep/line-filter.js';
import { findGrep } from '../../../../src/search/grep/find-grep.js';
import { GrepForkServers } from '../../../../src/search/grep/grep-fork-servers.js';
import { patternOf } from '../../../../src/search/grep/run-grep.js';

const MIB = 2 ** 20;
const literal = (term: string): Term => ({ term, syntax: 'literal', ignore_case: false });

describe('filterLines', () => {
  let options: LineFilterOptions;
  before(async () => {
    const grep = await findGrep();
    options = {
      grep,
      forkServers: await GrepForkServers.open(grep, 256 * MIB),
      pattern: patternOf({ ...literal('a'), conditions: [{ terms: [literal('b')], isNegated: false }] }),
      withPaths: false,
      withContext: false,
      markers: undefined,
      needsTexts: () => true,
      limits: undefined,
      signal: new AbortController().signal,
    };
  });
  after(() => options.forkServers.close());

  async function filter(chunks: Iterable<string | Buffer>, more: Partial<LineFilterOptions> = {}): Promise<string> {
    async function* output() {
      for (const chunk of chunks) yield Buffer.from(chunk);
    }
    const filtered: Buffer[] = [];
    for await (const bytes of filterLines(output(), { ...options, ...more })) filtered.push(bytes);
    return Buffer.concat(filtered).toString();
  }

  it('omits the lines that do not meet the conditions, wherever chunks end', async () => {
    expect(await filter(['1:a\n2:a', 'b\n30', ':ba\n'])).to.equal('2:ab\n30:ba\n');
    const pattern = patternOf({ ...literal('a'), conditions: [{ terms: [literal('b')], isNegated: true }] });
    expect(await filter(['1:a\n2:ab\n'], { pattern })).to.equal('1:a\n');
  });

  it('keeps them as context', async () => {
    const output = '1-x\n2:a\n3:ab\n--\n8:a\n9-y\n';
    expect(await filter([output], { withContext: true })).to.equal('1-x\n2-a\n3:ab\n--\n8-a\n9-y\n');
  });

  it('keeps paths, which can look like matches', async () => {
    const output = 'b:1\x001:a\nb:1\x002:ab\n--\na\x001:ba\n';
    expect(await filter([output], { withPaths: true, withContext: true })).to.equal(
      'b:1\x001-a\nb:1\x002:ab\n--\na\x001:ba\n',
    );
  });

  it('marks the matches of all terms as grep does', async () => {
    const { markers } = options.forkServers;
    const filtered = await filter(['1:xaby\r\n2:a\n'], { markers });
    expect(filtered).to.match(/^1:.*\r\n$/s);
    expect(markers.parse(filtered.slice(2, -1))).to.deep.equal({
      text: 'xaby\r',
      matches: [
        [1, 2],
        [2, 3],
      ],
    });
  });

  it('rejects a line that would take too much memory', async () => {
    const mebibyte = Buffer.alloc(MIB, 'a');
    const failure = filter([Buffer.from('1:'), ...Array.from({ length: 66 }, () => mebibyte)]).catch((error) => error);
    expect(await failure).to.have.property('code', 'search_memory');
  });
});

describe('patternOf', () => {
  it('is expensive if a condition is', () => {
    const regex: Term = { term: '(a|b)*', syntax: 'regex', ignore_case: false };
    expect(patternOf(literal('a')).isExpensive).to.equal(false);
    expect(patternOf({ ...literal('a'), conditions: [{ terms: [regex], isNegated: true }] }).isExpensive).to.equal(
      true,
    );
  });
});
