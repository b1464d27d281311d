// The client as an installed package: its declarations, its imports, and the examples of its page.
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { format, promisify } from 'node:util';
import { expect } from 'chai';
import { stub } from 'sinon';
import { PROJECT } from '../helpers/project.js';
import { type TempFolder, tempFolder } from '../helpers/temp-folder.js';
import { useApp } from '../helpers/use-app.js';

const BUILT = join(PROJECT, 'dist/src/client');
const DOCUMENTED_URL = 'http://127.0.0.1:3000';
const run = promisify(execFile);

/** The types of a program for browsers: none of Node, and every declaration is checked. */
const OPTIONS = [
  ...['--strict', '--exactOptionalPropertyTypes', '--module', 'nodenext', '--target', 'es2023'],
  ...['--lib', 'es2023,dom', '--types', '', '--skipLibCheck', 'false'],
];

describe('grepd/client', function () {
  this.timeout(60_000);
  const suite = useApp();
  let folder: TempFolder;
  const at = (path: string) => join(folder.path, path);
  before(async () => {
    folder = await tempFolder();
    const exported = { types: './client/index.d.ts', default: './client/index.js' };
    await mkdir(at('node_modules/grepd'), { recursive: true });
    await writeFile(at('node_modules/grepd/package.json'), JSON.stringify({ exports: { './client': exported } }));
    await symlink(BUILT, at('node_modules/grepd/client'));
    await writeFile(at('package.json'), '{ "type": "module" }');
    await writeFile(at('examples.ts'), program(await examples()));
  });
  after(() => folder.remove());

  async function examples(): Promise<string[]> {
    const document = await readFile(join(PROJECT, 'docs/client.md'), 'utf8');
    return [...document.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, example = '']) => example);
  }

  /** All examples as one program: the later ones use the client of the first. */
  function program([first = '', ...others]: string[]): string {
    const imports = others.flatMap((example) => example.match(/^import .*$/gm) ?? []);
    const blocks = others.map((example) => `{\n${example.replaceAll(/^import .*$/gm, '')}}\n`);
    return [...imports, first, ...blocks].join('\n').replaceAll(DOCUMENTED_URL, suite.url);
  }

  it('has examples that compile without the types of Node, and print what their comments say', async () => {
    const compiler = join(PROJECT, 'node_modules/typescript/bin/tsc');
    const args = [compiler, ...OPTIONS, '--outDir', at('.'), at('examples.ts')];
    const errors = await run(process.execPath, args, { cwd: folder.path }).then(
      () => '',
      ({ stdout }: { stdout: string }) => stdout,
    );
    expect(errors).to.equal('');
    const documented = (await examples()).flatMap((example) =>
      [...example.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, output]) => output),
    );
    const log = stub(console, 'log');
    try {
      await import(pathToFileURL(at('examples.js')).href);
      const printed = log.args.map((values) => format(...values));
      expect(printed).to.deep.equal(documented);
    } finally {
      log.restore();
    }
    expect(documented).to.have.length.above(6);
  });

  it('imports nothing but its own modules', async () => {
    const names = (await readdir(BUILT)).filter((name) => /\.(js|d\.ts)$/.test(name));
    expect(names).to.include.members(['index.js', 'index.d.ts']);
    for (const name of names) {
      const text = await readFile(join(BUILT, name), 'utf8');
      const imported = [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'([^']+)'/g)].map(([, path = '']) => path);
      for (const path of imported) expect(names, `${name}: ${path}`).to.include(path.replace(/^\.\//, ''));
      expect(text, name).to.not.match(/reference types|\bprocess\.|\bBuffer\b|\brequire\(/);
    }
  });
});
