import { Ajv } from 'ajv';
import { expect } from 'chai';
import { type Action, defaultActions } from '../../../src/http/api/actions.js';
import { inputSchemaOf } from '../../../src/http/mcp/tool-fields.js';
import { createTools } from '../../../src/http/mcp/tools.js';
import { connectMcp, type McpClient } from '../../helpers/mcp.js';
import { startApp } from '../../helpers/start-app.js';
import { stubEngine } from '../../helpers/stub-engine.js';
import { useFixtureApp } from '../../helpers/use-app.js';

describe('the tools of MCP', () => {
  const tools = createTools(defaultActions);
  const schemas = [...tools].map(([name, { fields }]) => ({ name, schema: inputSchemaOf(fields) }));

  it('have every field of their actions', () => {
    for (const name of ['search', 'count'] as const) {
      const { fields }: Action = defaultActions[name];
      expect(Object.keys(tools.get(name)?.fields ?? {})).to.include.members(Object.keys(fields));
    }
  });

  it('have schemas that any draft and any client can read', () => {
    const ajv = new Ajv({ strict: true, allowUnionTypes: true });
    for (const { name, schema } of schemas) {
      expect(schema.type, name).to.equal('object');
      expect(schema, name).to.not.have.any.keys('anyOf', 'oneOf', 'allOf');
      expect(JSON.stringify(schema), name).to.not.include('"pattern":').and.not.include('$ref');
      expect(() => ajv.compile(schema), name).to.not.throw();
      expect(() => ajv.compile(tools.get(name)?.outputSchema ?? {}), name).to.not.throw();
    }
  });

  it('take little of a context window', () => {
    const listed = [...tools].map(([name, { description }]) => ({ name, description }));
    expect(JSON.stringify([listed, schemas]).length).to.be.below(16_000);
  });

  it('describe each argument, and how to page', () => {
    for (const [name, { description, fields }] of tools) {
      expect(description, name).to.include('next_offset');
      for (const [field, { description: text }] of Object.entries(fields)) expect(text, field).to.not.equal('');
    }
  });
});

describe('the tools of MCP on files', () => {
  const suite = useFixtureApp();
  let mcp: McpClient;
  before(async () => {
    mcp = await connectMcp(suite.url);
  });
  after(() => mcp.client.close());

  const messageOf = async (name: string, input: object) => {
    const { isError, text } = await mcp.call(name, input);
    expect(isError).to.equal(true);
    return text;
  };

  it('read the lines around a line, as search numbers them', async () => {
    const { structured } = await mcp.call('search', { term: 'five', dictionary: 'plain.txt' });
    const [{ file, line }] = structured.results as [{ file: string; line: number }];
    const read = await mcp.call('read', { file, line, n_before: 1, n_after: 2 });
    expect(read.text).to.equal(
      '9 lines, showing 4 to 7:\n4: four love\n5: five love\n6: six\n7: seven\nFile: plain.txt\nMore: use offset 7 for the next page, without line, n_before and n_after.',
    );
    expect(read.structured).to.deep.equal({
      'nr of lines': 9,
      offset: 3,
      next_offset: 7,
      file: 'plain.txt',
      first_line: 4,
      results: ['four love', 'five love', 'six', 'seven'],
    });
  });

  it('number lines as the API does in files of every kind', async () => {
    for (const file of ['crlf.txt', 'marked.txt', 'packed.txt.gz', 'fortunes', 'blank-lines.txt', 'folder/b.txt']) {
      const posted = await suite.app.post({ action: 'all', dictionary: file, format: 'object' });
      const { results } = (await posted.json()) as { results: { line: number; text: string }[] };
      const { text } = await mcp.call('read', { file });
      const lines = results.map(({ line, text: content }) => `${line}: ${content}`);
      expect(text.split('\n').slice(1, -1).join('\n'), file).to.equal(lines.join('\n'));
    }
  });

  it('read the first and the last line, but none after it', async () => {
    expect((await mcp.call('read', { file: 'plain.txt', line: 1, n_after: 0 })).structured.results).to.deep.equal([
      'one',
    ]);
    const last = await mcp.call('read', { file: 'plain.txt', line: 9, n_before: 0 });
    expect(last.structured.results).to.deep.equal(['nine love']);
    expect(await messageOf('read', { file: 'plain.txt', line: 10 })).to.equal(
      '"line" must be at most 9, the last line of "plain.txt", got 10.',
    );
    expect((await mcp.call('read', { file: 'empty.txt' })).text).to.equal('No lines.\nFile: empty.txt');
  });

  it('name the invalid argument, what was expected and what was received', async () => {
    for (const [name, input, message] of [
      ['read', {}, '"file" is required: the path of a file, as in results and in `list_files`.'],
      ['read', { file: 'a', line: 0 }, '"line" must be an integer, 1 or more, got 0.'],
      ['read', { file: 'a', line: 1, offset: 1 }, '"offset" can\'t be combined with "line".'],
      ['read', { file: 'a', n_after: 1 }, '"n_after" requires "line".'],
      [
        'read',
        { file: 'a', lines: 1 },
        '"lines" is not an argument of the tool "read". Arguments: file, line, n_before, n_after, offset, nresults, max_tokens.',
      ],
      ['read', { file: 'nope.txt' }, 'There is no dictionary named "nope.txt".'],
      ['read', { file: '*\0plain.*' }, 'There is no dictionary named "*//plain.*".'],
      [
        'list_files',
        { dictionary: 5 },
        '"dictionary" must be the name of a dictionary, an array of 1 to 1,000 of them, or "*", got 5.',
      ],
      [
        'list_dictionaries',
        { filter: 1, offset: -1 },
        '"filter" must be a string of at most 255 characters, got 1; "offset" must be an integer, 0 or more, got -1.',
      ],
      ['count', { term: 'a', offset: 'x' }, '"offset" must be an integer, 0 or more, got "x".'],
      [
        'count',
        {},
        '"term" is required: a string of 1 to 1000 characters without NUL, line break or lone surrogate, unless "all_of", "any_of" or "none_of" is given.',
      ],
      ['search', { term: 'a', action: 'all' }, undefined],
    ] as [string, object, string | undefined][]) {
      const text = await messageOf(name, input);
      if (message === undefined) expect(text).to.match(/^"action" is not an argument of the tool "search"/);
      else expect(text).to.equal(message);
    }
    expect(await messageOf('read', { file: 'folder' })).to.match(
      /^"file" must be the path of a file, got "folder", a dictionary of \d+ files\. list_files lists them\.$/,
    );
  });

  it('list the dictionaries and files that a filter selects', async () => {
    const { text } = await mcp.call('list_dictionaries', { filter: 'plain' });
    expect(text).to.equal('1 dictionary:\nplain.txt: 65 bytes (default)');
    const files = await mcp.call('list_files', { dictionary: 'folder', filter: '*z.txt' });
    expect(files.text).to.equal('1 file:\nfolder/a/z.txt: 11 bytes');
    expect((await mcp.call('list_files', { filter: 'none' })).text).to.equal('No files.');
  });

  it('count as the API does', async () => {
    const posted = await suite.app.post({ action: 'count', term: 'love', dictionary: 'mixed' });
    const { results, ...answer } = (await posted.json()) as { results: unknown[] };
    const { structured, text } = await mcp.call('count', { term: 'love', dictionary: 'mixed' });
    expect(structured).to.deep.equal({ ...answer, results, offset: 0, 'nr of files': results.length });
    expect(text).to.match(/^5 files:\nmixed\/a\.txt: 1 entry, 1 match, \d+ per million words\n/);
  });

  it('say why an answer is incomplete', async () => {
    // biome-ignore lint/correctness/useYield: there is no entry
    const engine = stubEngine(async function* () {
      return { nrOfEntries: 0, truncated: 'line_length' };
    });
    const app = await startApp({ engine });
    const other = await connectMcp(app.url);
    try {
      const { structured, text } = await other.call('search', { term: 'a' });
      expect(structured.truncated).to.equal('line_length');
      expect(text).to.equal('No entries.\nThe answer is incomplete: line_length.');
    } finally {
      await other.client.close();
      await app.close();
    }
  });
});
