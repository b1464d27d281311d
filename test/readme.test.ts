// The README's commands and the documents' examples, run in a fresh copy of the project.
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { generatedDocuments, manPage, pathOf, withTables } from './helpers/generated-tables.js';
import { makeOperator, type Operator } from './helpers/operator.js';
import { PROJECT } from './helpers/project.js';
import { projectCopy } from './helpers/project-copy.js';
import type { TempFolder } from './helpers/temp-folder.js';

describe('the generated documents', () => {
  for (const document of generatedDocuments) {
    it(`have the tables of the code (npm run readme writes them): ${document}`, async () => {
      const text = await readFile(pathOf(document), 'utf8');
      expect(text).to.equal(withTables(document, text));
    });
  }

  it('have the current man page (npm run readme writes it)', async () => {
    expect(await readFile(manPage.path, 'utf8')).to.equal(manPage.render());
  });

  it('list every npm script, and no other', async () => {
    const { scripts } = JSON.parse(await readFile(join(PROJECT, 'package.json'), 'utf8'));
    const text = await readFile(join(PROJECT, 'docs/reference/commands.md'), 'utf8');
    const listed = [...text.matchAll(/^\| `npm (?:run )?([\w:]+)/gm)].map(([, name]) => name);
    expect(listed).to.have.members(Object.keys(scripts));
  });
});

describe('the README', () => {
  let text: string;
  let api: string;
  before(async () => {
    text = await readFile(join(PROJECT, 'README.md'), 'utf8');
    api = await readFile(pathOf('reference/api.md'), 'utf8');
  });

  const blocksIn = (document: string, language: string) =>
    [...document.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)\n\`\`\`$`, 'gms'))].map(([, block]) => block ?? '');
  const blocks = (language: string) => blocksIn(text, language);

  it('has at most 150 lines', () => {
    expect(text.trimEnd().split('\n')).to.have.length.at.most(150);
  });

  it('shows a request and its answer before line 30', () => {
    const lines = text.split('\n').slice(0, 30).join('\n');
    expect(lines).to.include(blocks('sh')[2]).and.include(blocks('json')[0]);
  });

  it('tests with the command that CI runs', async () => {
    expect(await readFile(join(PROJECT, '.ci/run'), 'utf8')).to.include(blocks('sh')[1]);
  });

  it('names only commands that exist', async () => {
    const { scripts } = JSON.parse(await readFile(join(PROJECT, 'package.json'), 'utf8'));
    const named = [...text.matchAll(/npm run (\S+?)`/g)].map(([, name]) => name);
    expect(named).to.include.members(['test:all']);
    expect(scripts).to.include.keys(named);
  });

  describe('in a fresh copy', function () {
    this.timeout(300_000);

    let copy: TempFolder;
    let operator: Operator;
    before(async () => {
      copy = await projectCopy();
      operator = await makeOperator(copy.path);
    });
    after(async () => {
      await operator.leave();
      await copy.remove();
    });

    it('starts, answers the examples and stops with the commands it gives', async () => {
      const [install, ...start] = (blocks('sh')[0] ?? '').split(' && ');
      expect(install).to.equal('npm ci');

      const started = await operator.sh(start.join(' && '));
      expect(started).to.include({ status: 0 });
      const examples = [...blocks('sh'), ...blocksIn(api, 'sh')]
        .filter((block) => block.startsWith('curl '))
        .map((block) => block.replace('http://127.0.0.1:3000', operator.url));
      const answers = [blocks('json')[0], blocksIn(api, 'json')[0]];
      // `npm start` suggests the README's example.
      expect(started.stdout).to.include(operator.url).and.include(examples[0]);

      const PATH = `${await curlStandIn(operator.folder)}:${process.env.PATH}`;
      expect(examples).to.have.length(2);
      for (const [at, example] of examples.entries()) {
        expect(await operator.sh(example, { PATH })).to.deep.equal({
          status: 0,
          stdout: answers[at],
          stderr: '',
        });
      }

      // Without this option it follows the log until it is ended.
      const log = await operator.sh('npm run logs -- --nostream');
      expect(log.stdout).to.include(`"url":"${operator.url}"`);

      expect(await operator.sh('npm stop')).to.include({ status: 0 });
      expect((await operator.workers()).map(({ pm2_env }) => pm2_env.status)).to.deep.equal(['stopped', 'stopped']);
    });
  });
});

/** A folder with a `curl` that supports the example's options, so that tests don't need curl. */
async function curlStandIn(folder: string): Promise<string> {
  const program = join(folder, 'curl');
  const script = `#!${process.execPath}
const [, , h, header, d, body, url] = process.argv;
if (h !== '-H' || d !== '-d') throw new Error('unexpected options');
const [name, value] = header.split(': ');
fetch(url, { method: 'POST', headers: { [name]: value }, body }).then((answer) => answer.text()).then((text) => process.stdout.write(text));
`;
  await writeFile(program, script);
  await chmod(program, 0o755);
  return folder;
}
