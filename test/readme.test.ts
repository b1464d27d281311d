// The README does what it says: its commands and its example are run in a fresh copy of the project.
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { makeOperator, type Operator } from './helpers/operator.js';
import { PROJECT } from './helpers/project.js';
import { projectCopy } from './helpers/project-copy.js';
import { README, withTables } from './helpers/readme.js';
import type { TempFolder } from './helpers/temp-folder.js';

describe('the README', () => {
  let text: string;
  before(async () => {
    text = await readFile(README, 'utf8');
  });

  const blocks = (language: string) =>
    [...text.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)\n\`\`\`$`, 'gms'))].map(([, block]) => block ?? '');

  it('has the tables that the code has (npm run readme writes them)', () => {
    expect(text).to.equal(withTables(text));
  });

  it('shows a request and its answer before line 30', () => {
    const lines = text.split('\n').slice(0, 30).join('\n');
    expect(lines).to.include(blocks('sh')[2]).and.include(blocks('json')[0]);
  });

  it('tests with the command that CI runs', async () => {
    expect(await readFile(join(PROJECT, '.ci/run'), 'utf8')).to.include(blocks('sh')[1]);
  });

  it('names only commands that there are', async () => {
    const { scripts } = JSON.parse(await readFile(join(PROJECT, 'package.json'), 'utf8'));
    const named = [...text.matchAll(/npm run (\S+?)`/g)].map(([, name]) => name);
    expect(named).to.include.members(['reload', 'logs', 'serve', 'readme']);
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
      const examples = blocks('sh')
        .filter((block) => block.startsWith('curl '))
        .map((block) => block.replace('http://127.0.0.1:3000', operator.url));
      // What it tells to try is the first example of the README.
      expect(started.stdout).to.include(operator.url).and.include(examples[0]);

      const PATH = `${await curlStandIn(operator.folder)}:${process.env.PATH}`;
      expect(examples).to.have.length(2);
      for (const [at, example] of examples.entries()) {
        expect(await operator.sh(example, { PATH })).to.deep.equal({
          status: 0,
          stdout: blocks('json')[at],
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

/** A folder with a `curl` that knows what the example uses, so that the tests do not need the real one. */
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
