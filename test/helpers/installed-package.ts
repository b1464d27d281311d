// The package, packed by npm and installed into an empty folder. Needs no registry: the production
// dependencies are links to those of this project.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { settings } from '../../src/config/settings.js';
import { freePort, type Outcome } from './operator.js';
import { PROJECT } from './project.js';
import { projectCopy } from './project-copy.js';
import { type TempFolder, tempFolder } from './temp-folder.js';

export interface InstalledPackage {
  /** The user's folder, in which commands run. */
  folder: string;
  /** The folder of the package. */
  path: string;
  /** What was packed, relative to the package. */
  files: string[];
  /** A free port, and the URL for it. */
  port: number;
  url: string;
  grepd: (command: string, env?: Record<string, string>) => Promise<Outcome>;
  /** Runs a shell command, in which `grepd` is the program. */
  sh: (command: string, env?: Record<string, string>) => Promise<Outcome>;
  spawn: (args: string[]) => ChildProcess & { stdout: Readable; stderr: Readable };
  /** Replaces the package by another version of it, in place, as npm does. */
  upgrade: (version: string) => Promise<void>;
  remove: () => Promise<void>;
}

export async function installPackage(): Promise<InstalledPackage> {
  const [folder, packed] = [await tempFolder(), await pack()];
  const modules = join(folder.path, 'node_modules');
  const path = join(modules, 'grepd');
  linkDependencies(modules);
  await cp(join(packed.path, 'package'), path, { recursive: true });
  const { bin } = readPackage(path);
  mkdirSync(join(modules, '.bin'));
  chmodSync(join(path, bin.grepd), 0o755);
  symlinkSync(join('../grepd', bin.grepd), join(modules, '.bin/grepd'));

  const port = await freePort();
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|NODE_|PM2_|pm_|MOCHA|XDG_)/.test(name) && !(name in settings),
  );
  const base = {
    ...Object.fromEntries(inherited),
    HOME: join(folder.path, 'home'),
    PATH: `${join(modules, '.bin')}:${process.env.PATH}`,
    GREPD_URL: `http://127.0.0.1:${port}`,
  };
  const sh = (command: string, env: Record<string, string> = {}) =>
    new Promise<Outcome>((resolve) => {
      execFile('sh', ['-c', command], { cwd: folder.path, env: { ...base, ...env } }, (error, stdout, stderr) =>
        resolve({ status: error === null ? 0 : Number(error.code ?? -1), stdout, stderr }),
      );
    });
  return {
    folder: folder.path,
    path,
    files: packed.files,
    port,
    url: base.GREPD_URL,
    sh,
    grepd: (command, env) => sh(`grepd ${command}`, env),
    spawn: (args) =>
      spawn(join(modules, '.bin/grepd'), args, { cwd: folder.path, env: base, stdio: ['ignore', 'pipe', 'pipe'] }),
    upgrade: async (version) => {
      await sh(`rm -rf '${path}'`);
      await cp(join(packed.path, 'package'), path, { recursive: true });
      chmodSync(join(path, bin.grepd), 0o755);
      writeFileSync(join(path, 'package.json'), JSON.stringify({ ...readPackage(path), version }));
    },
    remove: async () => {
      await sh('grepd stop');
      await folder.remove();
      await packed.remove();
    },
  };
}

/** Packs a copy of the project, because packing builds in its folder. */
async function pack(): Promise<TempFolder & { files: string[] }> {
  const [project, packed] = [await projectCopy(), await tempFolder()];
  try {
    const options = { cwd: project.path, maxBuffer: 1e8 };
    const { stdout } = await promisify(execFile)('npm', ['pack', '--json', '--pack-destination', packed.path], options);
    const [{ filename, files }] = JSON.parse(stdout.slice(stdout.indexOf('[')));
    await promisify(execFile)('tar', ['xzf', filename], { cwd: packed.path });
    return { ...packed, files: files.map(({ path }: { path: string }) => path) };
  } finally {
    await project.remove();
  }
}

/** Without the dependencies of development, which no installed code may import. */
function linkDependencies(modules: string): void {
  const lock = JSON.parse(readFileSync(join(PROJECT, 'package-lock.json'), 'utf8'));
  for (const [path, { dev }] of Object.entries<{ dev?: boolean }>(lock.packages)) {
    const [, name] = /^node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(path) ?? [];
    if (name === undefined || dev === true) continue;
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(PROJECT, path), join(modules, name));
  }
}

function readPackage(path: string): { version: string; bin: { grepd: string } } {
  return JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
}
