// The linter's import rules, tried on imports that they must allow or reject.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { PROJECT } from './helpers/project.js';
import { type TempFolder, tempFolder } from './helpers/temp-folder.js';

const RULES = ['lint/style/noRestrictedImports', 'lint/style/noProcessEnv'];

describe('the import rules', function () {
  this.timeout(20_000);
  let folder: TempFolder;
  beforeEach(async () => {
    folder = await tempFolder();
    copyFileSync(join(PROJECT, 'biome.json'), join(folder.path, 'biome.json'));
  });
  afterEach(() => folder.remove());

  /** Returns the names of the rules that the code breaks as a file at that path. */
  function lint(path: string, code: string): string[] {
    mkdirSync(dirname(join(folder.path, path)), { recursive: true });
    writeFileSync(join(folder.path, path), code);
    const args = ['lint', '--vcs-enabled=false', '--reporter=json', path];
    const { stdout } = spawnSync(join(PROJECT, 'node_modules/.bin/biome'), args, { cwd: folder.path });
    const { diagnostics } = JSON.parse(String(stdout)) as { diagnostics: { category: string }[] };
    return diagnostics.map(({ category }) => category).filter((category) => RULES.includes(category));
  }

  for (const [path, module] of [
    ['src/search/engines/grep/a.ts', '../clickhouse/clickhouse-engine.js'],
    ['src/search/engines/clickhouse/a.ts', '../grep/portion-grep.js'],
    ['src/search/engines/clickhouse/load/a.ts', '../../grep/grep-engine.js'],
    ['src/search/engines/a.ts', './grep/grep-engine.js'],
    ['src/search/engine.ts', './search-counts.js'],
    ['src/search/a.ts', './engines/grep/grep-engine.js'],
    ['src/search/a.ts', '../http/api/actions.js'],
    ['src/search/corpus/a.ts', '../engines/grep/grep-engine.js'],
    ['src/search/grep/a.ts', '../ls/run-ls.js'],
    ['src/search/a.ts', '../../test/helpers/project.js'],
    ['src/search/engines/grep/a.ts', 'koa'],
    ['src/search/admission/a.ts', '../batching/batching-engine.js'],
    ['src/http/api/a.ts', '../../search/open-engine.js'],
    ['src/http/api/a.ts', 'node:child_process'],
    ['src/runtime/metrics/a.ts', '../../http/routes.js'],
    ['src/concurrency/a.ts', '../errors.js'],
    ['src/commands/a.ts', '../search/engines/grep/grep-engine.js'],
    ['src/commands/a.ts', '../search/corpus/text-file.js'],
    ['src/cli/a.ts', '../search/engines/grep/grep-engine.js'],
    ['src/cli/search/a.ts', '../../commands/pm2.js'],
    ['src/commands/a.ts', '../cli/help.js'],
    ['src/browser/a.ts', '../http/server.js'],
    ['src/client/a.ts', '../errors.js'],
    ['src/client/a.ts', 'node:buffer'],
    ['src/errors.ts', './version.js'],
  ] as const) {
    it(`reject ${module} in ${path}`, () => {
      expect(lint(path, `import '${module}';\n`)).to.deep.equal(['lint/style/noRestrictedImports']);
    });
  }

  for (const [path, module] of [
    ['src/search/engines/clickhouse/load/a.ts', '../../../grep/run-grep.js'],
    ['src/search/engines/clickhouse/load/a.ts', '../storage/schema.js'],
    ['src/search/engines/grep/a.ts', '../../grep/run-grep.js'],
    ['src/search/open-engine.ts', './engines/grep/grep-engine.js'],
    ['src/http/api/a.ts', '../pages/html.js'],
    ['src/http/api/a.ts', 'koa'],
  ] as const) {
    it(`allow ${module} in ${path}`, () => {
      expect(lint(path, `import '${module}';\n`)).to.deep.equal([]);
    });
  }

  it('reject process.env outside the files that compose or run a process', () => {
    const code = 'export const home = process.env.HOME;\n';
    expect(lint('src/search/a.ts', code)).to.deep.equal(['lint/style/noProcessEnv']);
    expect(lint('src/main.ts', code)).to.deep.equal([]);
  });
});
