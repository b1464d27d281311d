// Answers that fit into a context window.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { estimateTokens } from '../../../src/http/mcp/token-estimate.js';
import type { EntryObject } from '../../../src/search/engine.js';
import { connectMcp, type McpClient, type ToolAnswer } from '../../helpers/mcp.js';
import { useFixtureApp } from '../../helpers/use-app.js';

const MIN_TOKENS = 500;
const LINES = 30;

const sizeOf = ({ text, structured }: ToolAnswer) => estimateTokens(text) + estimateTokens(JSON.stringify(structured));

describe('estimateTokens', () => {
  it('is about a quarter of the characters of prose, and more for anything else', () => {
    expect(estimateTokens('the quick brown fox jumps over the lazy dog')).to.equal(11);
    expect(estimateTokens('12345678')).to.equal(4);
    expect(estimateTokens('愛愛愛愛')).to.equal(4);
    expect(estimateTokens('')).to.equal(0);
  });
});

describe('max_tokens', function () {
  this.timeout(20_000);
  const suite = useFixtureApp();
  let mcp: McpClient;
  before(async () => {
    const lines = Array.from({ length: LINES }, (_, n) => `line ${n + 1} of love, ${'and so on '.repeat(n % 7)}`);
    await writeFile(join(suite.dictionaries, 'many.txt'), `${lines.join('\n')}\n`);
    const huge = `${'x'.repeat(50_000)} love ${'愛'.repeat(50_000)}`;
    await writeFile(join(suite.dictionaries, 'huge.txt'), `small love\n${huge}\nlast love\n`);
    await mkdir(join(suite.dictionaries, 'several'));
    for (let n = 100; n < 130; n += 1) await writeFile(join(suite.dictionaries, 'several', `${n}.txt`), `love ${n}\n`);
    mcp = await connectMcp(suite.url);
  });
  after(() => mcp.client.close());

  /** Calls a tool until there is no next page. */
  async function allPages(name: string, input: object, maxTokens = MIN_TOKENS): Promise<ToolAnswer[]> {
    const pages: ToolAnswer[] = [];
    let offset: unknown = 0;
    do {
      const page = await mcp.call(name, { ...input, max_tokens: maxTokens, ...(offset !== 0 && { offset }) });
      expect(page.isError, page.text).to.equal(false);
      expect(sizeOf(page)).to.be.at.most(maxTokens);
      pages.push(page);
      offset = page.structured.next_offset;
      if (offset !== undefined) expect(page.text).to.include(`use offset ${offset} for the next page`);
    } while (offset !== undefined);
    return pages;
  }
  const resultsOf = (pages: ToolAnswer[]) => pages.flatMap(({ structured }) => structured.results as unknown[]);

  for (const query of [{}, { format: 'text' }, { format: 'kwic' }, { order: 'random', seed: 1 }]) {
    it(`divides a search into pages that together have every entry: ${JSON.stringify(query)}`, async () => {
      const fields = { term: 'love', dictionary: 'many.txt', format: 'object', ...query };
      const pages = await allPages('search', fields);
      const posted = await suite.app.post({ action: 'search', ...fields });
      const answer = (await posted.json()) as { results: unknown[] };
      expect(resultsOf(pages)).to.deep.equal(answer.results);
      expect(pages.length).to.be.above(2);
      for (const { structured, text } of pages) {
        expect(structured['nr of entries']).to.equal(LINES);
        expect(text).to.match(/^30 entries, showing \d+/);
      }
    });
  }

  it('divides counts and lists into pages, with the totals on each', async () => {
    const counts = await allPages('count', { term: 'love', dictionary: 'several' });
    expect(resultsOf(counts)).to.have.length(30);
    for (const { structured } of counts) expect(structured).to.include({ 'nr of files': 30, 'nr of entries': 30 });
    const files = await allPages('list_files', { dictionary: 'several' });
    expect(new Set(resultsOf(files).map((each) => (each as { file: string }).file)).size).to.equal(30);
    const dictionaries = await allPages('list_dictionaries', {});
    const total = dictionaries[0]?.structured['nr of dictionaries'];
    expect(resultsOf(dictionaries)).to.have.length(total as number);
    expect(dictionaries.length).to.be.above(1);
  });

  it('divides a file into pages', async () => {
    const pages = await allPages('read', { file: 'many.txt' });
    expect(resultsOf(pages)).to.have.length(LINES);
    for (const { structured } of pages) expect(structured.first_line).to.equal((structured.offset as number) + 1);
  });

  it('limits a page to nresults', async () => {
    const { structured } = await mcp.call('search', { term: 'love', dictionary: 'many.txt', nresults: 3, offset: 6 });
    expect(structured).to.include({ offset: 6, next_offset: 9 });
    expect(structured.results).to.have.length(3);
    const list = await mcp.call('list_files', { dictionary: 'several', nresults: 2, offset: 28 });
    expect(list.structured).to.not.have.property('next_offset');
    const count = await mcp.call('count', { term: 'love', dictionary: 'several', nresults: 2, offset: 1 });
    expect(count.structured).to.include({ offset: 1, next_offset: 3 });
  });

  it('shortens a huge entry around its match, and says so', async () => {
    const answer = await mcp.call('search', { term: 'love', dictionary: 'huge.txt', max_tokens: 2_000 });
    expect(sizeOf(answer)).to.be.at.most(2_000);
    expect(answer.structured.shortened).to.deep.equal([1]);
    expect(answer.text).to.include('Shortened to fit: results 2.');
    const results = answer.structured.results as EntryObject[];
    expect(results).to.have.length(3);
    const { text, matches } = results[1] as EntryObject;
    expect(text).to.match(/^…x+ love 愛+…$/);
    expect(matches.map((match) => text.slice(...match))).to.deep.equal(['love']);
  });

  for (const format of ['text', 'kwic']) {
    it(`shortens a huge entry as ${format}`, async () => {
      const fields = { term: 'love', dictionary: 'huge.txt', format, width: 1_000 };
      const query = format === 'kwic' ? fields : { ...fields, width: undefined };
      const pages = await allPages('search', JSON.parse(JSON.stringify(query)));
      expect(resultsOf(pages)).to.have.length(3);
      expect(pages.flatMap(({ structured }) => structured.shortened ?? [])).to.have.length(1);
    });
  }

  it('shortens huge lines of a file, and keeps the requested line', async () => {
    const { structured, text } = await mcp.call('read', { file: 'huge.txt', line: 3, max_tokens: MIN_TOKENS });
    expect(text).to.include('3: last love');
    expect((structured.results as string[]).at(-1)).to.equal('last love');
    const pages = await allPages('read', { file: 'huge.txt' });
    expect(pages.flatMap(({ structured: { shortened } }) => shortened ?? [])).to.have.length(1);
  });

  it('must be in its range', async () => {
    for (const maxTokens of [499, 100_001, 1.5, '1000', null]) {
      const { isError, text } = await mcp.call('search', { term: 'a', max_tokens: maxTokens });
      expect([isError, text]).to.deep.equal([
        true,
        `"max_tokens" must be an integer from 500 to 100000, got ${JSON.stringify(maxTokens)}.`,
      ]);
    }
    const { structured } = await mcp.call('search', { term: 'love', dictionary: 'many.txt', max_tokens: 100_000 });
    expect(structured.results).to.have.length(LINES);
  });
});
