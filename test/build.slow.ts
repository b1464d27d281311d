import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { lstat, mkdir, readdir, readFile, readlink, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTick } from 'node:timers/promises';
import { expect } from 'chai';
import { PROJECT } from './helpers/project.js';
import { spawnService } from './helpers/spawn-service.js';
import { type TempFolder, tempFolder } from './helpers/temp-folder.js';

const CONFIG = { module: 'nodenext', target: 'es2023', strict: true, noEmitOnError: true, types: [] };

/** Builds a tiny project, by the same steps as grepd. */
describe('the build', function () {
  this.timeout(60_000);
  let project: TempFolder;
  beforeEach(async () => {
    project = await tempFolder();
    await symlink(join(PROJECT, 'node_modules'), at('node_modules'));
    await mkdir(at('src/browser'), { recursive: true });
    await mkdir(at('src/client'));
    await writeFile(at('build.js'), await readFile(join(PROJECT, 'build.js')));
    await writeFile(at('package.json'), '{ "type": "module" }');
    const [rootDir, include, exclude] = ['.', ['src'], ['src/browser']];
    await writeFile(at('tsconfig.json'), JSON.stringify({ compilerOptions: { ...CONFIG, rootDir }, include, exclude }));
    const part = (compilerOptions: object = {}) =>
      JSON.stringify({ compilerOptions: { ...CONFIG, rootDir: '../..', ...compilerOptions }, include: ['.'] });
    await writeFile(at('src/browser/tsconfig.json'), part());
    await writeFile(at('src/client/tsconfig.json'), part({ declaration: true, emitDeclarationOnly: true }));
    await writeFile(at('src/client/index.ts'), 'export const client = 1;');
    await writeFile(at('src/browser/page.css'), 'p {}');
    await writeFile(at('src/browser/page.ts'), 'export {};');
    await writeFile(at('src/a.ts'), 'export const a = 1;');
    await writeFile(at('src/b.ts'), 'export const b = 1;');
  });
  afterEach(() => project.remove());

  const at = (path: string) => join(project.path, path);
  const build = (...args: string[]) =>
    new Promise<{ status: number; output: string }>((resolve) => {
      execFile(process.execPath, [at('build.js'), ...args], (error, stdout, stderr) =>
        resolve({ status: error === null ? 0 : Number(error.code), output: stdout + stderr }),
      );
    });
  const builds = async () =>
    (await readdir(project.path, { withFileTypes: true }))
      .filter((entry) => entry.isDirectory() && entry.name.startsWith('dist'))
      .map(({ name }) => name);

  it('points dist at a complete build', async () => {
    expect(await build()).to.deep.equal({ status: 0, output: '' });
    for (const name of [
      'a.js',
      'b.js',
      'browser/page.js',
      'browser/page.css',
      'client/index.js',
      'client/index.d.ts',
    ]) {
      expect(existsSync(at(`dist/src/${name}`)), name).to.equal(true);
    }
    expect(await builds()).to.deep.equal([await readlink(at('dist'))]);
  });

  it('is reused while the sources are unchanged', async () => {
    await build();
    const target = await readlink(at('dist'));
    expect(await build('dist-next')).to.include({ status: 0 });
    expect([await readlink(at('dist')), await readlink(at('dist-next'))]).to.deep.equal([target, target]);
  });

  it('replaces the previous one atomically', async () => {
    await build();
    let isDone = false;
    const files = ['src/a.ts', 'src/b.ts'];
    await Promise.all(files.map((file) => writeFile(at(file), 'export const changed = 2;')));
    const rebuilt = build().finally(() => {
      isDone = true;
    });
    while (!isDone) {
      const folder = await readlink(at('dist'));
      const contents = await Promise.all(['a', 'b'].map((name) => readFile(at(`${folder}/src/${name}.js`), 'utf8')));
      expect(contents.map((text) => text.includes('changed'))).to.be.deep.oneOf([
        [false, false],
        [true, true],
      ]);
      await nextTick();
    }
    expect(await rebuilt).to.include({ status: 0 });
    expect(await readFile(at('dist/src/a.js'), 'utf8')).to.include('changed');
  });

  it('contains no output of deleted sources', async () => {
    await build();
    await rm(at('src/b.ts'));
    expect(await build()).to.include({ status: 0 });
    expect([existsSync(at('dist/src/a.js')), existsSync(at('dist/src/b.js'))]).to.deep.equal([true, false]);
  });

  it('leaves only the previous one behind when it fails', async () => {
    await build();
    const before = await builds();
    await writeFile(at('src/a.ts'), "export const a: number = 'text';");
    const { status, output } = await build();
    expect([status, output.includes('TS2322')]).to.deep.equal([1, true]);
    expect(await builds()).to.deep.equal(before);
    expect([await readlink(at('dist'))]).to.deep.equal(before);
  });

  it('is complete when several run concurrently', async () => {
    const outcomes = await Promise.all([build(), build(), build('dist-next')]);
    expect(outcomes.map(({ status }) => status)).to.deep.equal([0, 0, 0]);
    for (const name of ['dist', 'dist-next']) {
      expect(await readFile(at(`${name}/src/b.js`), 'utf8')).to.include('b = 1');
      expect(existsSync(at(`${name}/src/browser/page.css`))).to.equal(true);
    }
  });

  it('replaces the dist folder of an earlier version by a link', async () => {
    await mkdir(at('dist/src'), { recursive: true });
    await writeFile(at('dist/src/old.js'), '');
    expect(await build()).to.include({ status: 0 });
    expect((await lstat(at('dist'))).isSymbolicLink()).to.equal(true);
    expect(existsSync(at('dist/src/old.js'))).to.equal(false);
  });

  it('removes builds that have been unused for a while, but not one that a process runs from', async () => {
    await build();
    const first = await readlink(at('dist'));
    await writeFile(at('src/a.ts'), 'export const a = 2;');
    await build();
    expect(await builds()).to.have.members([first, await readlink(at('dist'))]);

    // Rename the old build to the one in the worker's title.
    const worker = spawnService({});
    try {
      await worker.url();
      const used = (await readlink(join(PROJECT, 'dist'))) as string;
      await rename(at(first), at(used));
      await mkdir(at('dist-unused'));
      const longAgo = new Date(Date.now() - 86_400_000);
      for (const name of [used, 'dist-unused']) await utimes(at(name), longAgo, longAgo);
      expect(await build()).to.include({ status: 0 });
      expect(await builds()).to.have.members([used, await readlink(at('dist'))]);
      worker.child.kill('SIGKILL');
      await worker.exited;
      expect(await build()).to.include({ status: 0 });
      expect(await builds()).to.deep.equal([await readlink(at('dist'))]);
    } finally {
      worker.child.kill('SIGKILL');
    }
  });
});
