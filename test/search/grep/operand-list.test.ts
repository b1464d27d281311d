import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { restore, stub } from 'sinon';
import { UnlinkedFile } from '../../../src/process/unlinked-file.js';
import { findGrep } from '../../../src/search/grep/find-grep.js';
import { OperandList } from '../../../src/search/grep/operand-list.js';
import { EVERY_LINE, GrepError, runGrep } from '../../../src/search/grep/run-grep.js';
import { type TempFolder, tempFolder } from '../../helpers/temp-folder.js';

/** Names that a shell could expand, or take for something else. */
const ODD_NAMES = [
  '$(touch x)',
  '`touch x`',
  '*',
  '?',
  '[a-z]',
  '~',
  ' a  b ',
  'tab\there',
  '"quoted"',
  "it's",
  '\\n',
  '-e',
  '--help',
  './-',
  ';',
  '|',
  '>',
  '&&',
  '#',
  '$IFS',
  'Ёж',
  '\u0101\u0081\u0082',
  '日本',
  '😀',
  '\r',
];

describe('OperandList', () => {
  let folder: TempFolder;
  before(async () => {
    folder = await tempFolder();
    await mkdir(join(folder.path, 'odd'));
    for (const name of ODD_NAMES) await writeFile(join(folder.path, 'odd', name), 'line\n');
  });
  after(() => folder.remove());
  afterEach(() => restore());

  const many = Array.from({ length: 2_000 }, (_, number) => ODD_NAMES[number % ODD_NAMES.length] as string);

  async function grep(files: readonly string[], cat?: string): Promise<string[]> {
    const found = await findGrep();
    const run = { pattern: EVERY_LINE, output: ['-H', '-Z'], files, cwd: join(folder.path, 'odd') };
    const chunks: Buffer[] = [];
    const options = cat === undefined ? found : { ...found, cat };
    for await (const chunk of runGrep(options, run, new AbortController().signal)) chunks.push(chunk);
    return Buffer.concat(chunks)
      .toString()
      .split('\n')
      .slice(0, -1)
      .map((each) => each.split('\0')[0] as string);
  }

  it('passes every operand as it is, in order', async () => {
    const list = OperandList.create(many);
    list?.close();
    expect(list).to.not.equal(undefined);
    expect(await grep(many)).to.deep.equal(many);
  });

  it('is not used for few operands, for names with newlines, or without space for it', async () => {
    expect(OperandList.create(many.slice(0, 999))).to.equal(undefined);
    expect(OperandList.create([...many, 'a\nb'])).to.equal(undefined);
    stub(UnlinkedFile, 'tryCreate').returns(undefined);
    expect(OperandList.create(many)).to.equal(undefined);
    expect(await grep(many)).to.deep.equal(many);
  });

  it('fails, rather than searches nothing, if the list cannot be read', async () => {
    for (const cat of ['/bin/false', '/bin/true', '/nonexistent/cat']) {
      const error = await grep(many, cat).catch((reason) => reason);
      expect(error, cat).to.be.instanceOf(GrepError);
    }
  });
});
