// Compares both engines over large texts, which exercise the cluster's index, pages and shards, and
// over lines designed to be missed.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { collect, type SearchEngine, type SearchQuery } from '../../../../src/search/engine.js';
import { openEngine as open } from '../../../../src/search/open-engine.js';
import { describeWithClickHouse, type Nodes, startNodes } from '../../../helpers/clickhouse.js';
import { closeAfterEach } from '../../../helpers/close-after-each.js';
import { loadFolder } from '../../../helpers/load-folder.js';
import { PROJECT } from '../../../helpers/project.js';
import { allQuery, engineOptions, searchQuery } from '../../../helpers/queries.js';
import { type TempFolder, tempFolder } from '../../../helpers/temp-folder.js';

const never = new AbortController().signal;

describeWithClickHouse('grep and a cluster of three shards', function () {
  this.timeout(120_000);
  let nodes: Nodes;
  let folder: TempFolder;
  before(async () => {
    nodes = await startNodes([1, 1, 1]);
    folder = await tempFolder();
  });
  after(async () => {
    await nodes.leave();
    await folder.remove();
  });

  const openEngine = closeAfterEach(open);
  async function enginesOver(dictionariesDir: string): Promise<[SearchEngine, SearchEngine]> {
    await loadFolder(dictionariesDir, nodes);
    const options = engineOptions({ dictionariesDir, lineLength: 3000, searchTimeoutMs: 60_000 });
    return [await openEngine(options), await openEngine({ ...options, engine: 'clickhouse', urls: nodes.urls })];
  }

  it('return the same for the texts that grepd comes with', async () => {
    const [grep, cluster] = await enginesOver(join(PROJECT, 'dictionaries'));
    let found = 0;
    const terms: Partial<SearchQuery>[] = [
      { term: 'love' },
      { term: 'the' },
      { term: 'The LORD' },
      { term: 'whale', syntax: 'word' },
      { term: 'WHALE', ignore_case: true },
      { term: 'sink', ignore_case: true, syntax: 'word' },
      { term: '[A-Z][a-z]+ (and|or) [A-Z]', syntax: 'regex' },
      { term: '^.{0,9}$', syntax: 'regex' },
      { term: 'no such thing' },
      { term: 'é' },
    ];
    const options: Partial<SearchQuery>[] = [
      {},
      { nresults: 5, n_before: 2, n_after: 3 },
      { nresults: 7, offset: 11, format: 'object', n_before: 1 },
      { nresults: 4, unit: 'quote', format: 'object', n_after: 1 },
      { unit: 'quote', offset: 3 },
      { order: 'random', seed: 5, nresults: 6, n_before: 1, n_after: 1 },
      { nresults: 1, offset: 100_000_000 },
    ];
    for (const dictionary of ['king-james-bible.txt', 'moby-dick', 'devils-dictionary.txt']) {
      for (const [row, term] of terms.entries()) {
        for (const more of options.filter((_, column) => (row + column) % 2 === 0)) {
          const query = searchQuery({ dictionary, ...term, ...more } as Partial<SearchQuery>);
          const [one, other] = [await collect(grep.search(query, never)), await collect(cluster.search(query, never))];
          expect(other, JSON.stringify(query)).to.deep.equal(one);
          if (one.entries.length > 0) found += 1;
        }
      }
      for (const more of options) {
        const query = allQuery({ dictionary, ...more });
        expect(await collect(cluster.all(query, never))).to.deep.equal(await collect(grep.all(query, never)));
      }
      expect(await cluster.lineCounts(dictionary, never)).to.deep.equal(await grep.lineCounts(dictionary, never));
      expect(await cluster.wordCounts(dictionary, never)).to.deep.equal(await grep.wordCounts(dictionary, never));
      expect(await cluster.files(dictionary, never)).to.deep.equal(await grep.files(dictionary, never));
    }
    expect(found).to.be.above(50);
    const { dictionaries: known } = await grep.dictionaries(never);
    expect((await cluster.dictionaries(never)).dictionaries).to.deep.equal(known);
  });

  it('find the same few matches among many lines, whatever bytes surround them', async () => {
    // Bytes before a term may look like the beginning of a longer character, or end the line.
    const starts = [
      '',
      '\xe2',
      '\xf0',
      '\xc5',
      '\xe2\x82',
      '\xf0\x9f',
      'a\xe2',
      '\x00',
      '\xff',
      '\xc3\x28',
      '\xed\xa0',
    ];
    const terms = ['needle', 'né愛e', 'straſſe', 'KeLViN', 'x\u212ay', 'a\u0301bc', '😀😀', 'abc', 'ab', 'a b', 'ızİ'];
    const ends = ['', '\xe2', '\xf0\x9f\x98', ' ', 'é', '\r'];
    const hostile: Buffer[] = [];
    for (const start of starts) {
      for (const term of terms) {
        for (const end of ends) hostile.push(Buffer.from(start + Buffer.from(term).toString('latin1') + end, 'latin1'));
      }
    }
    // One line per granule of the index, because granules without matches are skipped.
    const between = Buffer.from('nothing to be seen here\n'.repeat(600));
    const text = Buffer.concat(hostile.flatMap((line) => [between, line, Buffer.from('\n')]));
    await writeFile(join(folder.path, 'hostile.txt'), text);
    const [grep, cluster] = await enginesOver(folder.path);
    let found = 0;
    for (const term of [...terms, 'needl', 'edle', '愛', 'strasse', 'kelvin', 'xky', '\u0301', 'zI']) {
      for (const ignore_case of [false, true]) {
        for (const syntax of ['literal', 'word', 'regex'] as const) {
          const query = searchQuery({
            dictionary: 'hostile.txt',
            term,
            ignore_case,
            syntax,
            format: 'object',
            nresults: 500,
          });
          const [one, other] = [await collect(grep.search(query, never)), await collect(cluster.search(query, never))];
          expect(other, JSON.stringify(query)).to.deep.equal(one);
          found += one.entries.length;
        }
      }
    }
    expect(found).to.be.above(1000);
  });

  it('return the same for edge cases of texts, folders and limits', async () => {
    await writeFile(join(folder.path, 'cr.txt'), 'a\n\r');
    await writeFile(join(folder.path, 'crs.txt'), 'abc\r\n\r\n\r\r\ndef\n\r');
    await mkdir(join(folder.path, 'nested/empty'), { recursive: true });
    await writeFile(join(folder.path, 'nested/a.txt'), 'one love\n');
    await writeFile(join(folder.path, 'wide.txt'), `${'愛'.repeat(2998)}猫犬鳥魚馬${'x'.repeat(100)}\n`);
    await writeFile(join(folder.path, 'quotes.txt'), 'a\n\n'.repeat(3_000_000));
    const [grep, cluster] = await enginesOver(folder.path);
    const outcome = async (engine: SearchEngine, query: Partial<SearchQuery>) =>
      collect(engine.search(searchQuery(query), never)).catch((error) => error.code);
    for (const query of [
      { dictionary: 'cr.txt', term: '^$', syntax: 'regex' },
      { dictionary: 'crs.txt', term: '^.?$', syntax: 'regex', n_before: 1, n_after: 1 },
      { dictionary: 'nested/empty', term: 'love' },
      { dictionary: 'nested/empty', term: '(', syntax: 'regex' },
      { dictionary: 'wide.txt', term: '猫犬鳥魚馬', format: 'object' },
      { dictionary: 'wide.txt', term: '猫犬鳥魚馬', format: 'object', unit: 'quote', nresults: 1 },
      { dictionary: 'quotes.txt', term: 'a', unit: 'quote', nresults: 3, offset: 7 },
    ] as Partial<SearchQuery>[]) {
      expect(await outcome(cluster, query), JSON.stringify(query)).to.deep.equal(await outcome(grep, query));
    }
  });

  it('return the same for lines that are too long', async () => {
    const long = (middle: string) => `${'é'.repeat(2990)}${middle}${'x'.repeat(10_000)}\n`;
    await writeFile(
      join(folder.path, 'long.txt'),
      `a\n${long('needle')}b\n\n${long('NEEDLE')}${'y'.repeat(200_000)} needle\nc\n`,
    );
    const [grep, cluster] = await enginesOver(folder.path);
    let cut = 0;
    for (const term of ['needle', 'éneedle', 'b']) {
      for (const more of [
        {},
        { format: 'object' },
        { n_before: 2, n_after: 2, nresults: 2 },
        { unit: 'quote', format: 'object' },
        { ignore_case: true, format: 'object', n_after: 3 },
        { syntax: 'word', unit: 'quote', nresults: 1 },
      ] as Partial<SearchQuery>[]) {
        const query = searchQuery({ dictionary: 'long.txt', term, ...more });
        const [one, other] = [await collect(grep.search(query, never)), await collect(cluster.search(query, never))];
        expect(other, JSON.stringify(query)).to.deep.equal(one);
        cut += one.truncated === 'line_length' ? 1 : 0;
      }
    }
    expect(cut).to.be.above(10);
  });
});
