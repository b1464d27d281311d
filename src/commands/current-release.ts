// The releases of an installed package. npm replaces the files of a package while workers run, and
// workers load some modules late, so they run from a copy of the code, which a reload replaces.
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { PACKAGE_BUILD, PROJECT } from '../config/installation.js';
import { pm2Home } from './pm2-home.js';

/** The path of a worker's program, through the link to the current release. */
export function currentEntry(): string {
  return join(linkPath(), 'grepd', PACKAGE_BUILD, 'src/entry.js');
}

/**
 * Copies the package that contains this command, and atomically makes the copy the current release.
 * Keeps the previous one, which workers run until they are replaced, and removes earlier ones.
 */
export function activateRelease(): void {
  const releases = join(pm2Home(), 'grepd-releases');
  const previous = existsSync(linkPath()) ? basename(readlinkSync(linkPath())) : undefined;
  const name = createRelease(releases);
  const fresh = `${linkPath()}-${process.pid}`;
  rmSync(fresh, { force: true });
  symlinkSync(join(releases, name), fresh);
  renameSync(fresh, linkPath());
  const unused = readdirSync(releases).filter((entry) => entry !== name && entry !== previous);
  for (const entry of unused) rmSync(join(releases, entry), { recursive: true, force: true });
}

function linkPath(): string {
  return join(pm2Home(), 'grepd-current');
}

/** Returns the name of the release, in which modules find the same dependencies as in the package. */
function createRelease(releases: string): string {
  const { version } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8'));
  const name = `${version}-${process.pid}${Date.now().toString(36)}`;
  const copy = join(releases, name, 'grepd');
  mkdirSync(copy, { recursive: true });
  for (const entry of ['package.json', PACKAGE_BUILD])
    cpSync(join(PROJECT, entry), join(copy, entry), { recursive: true });
  // npm puts dependencies beside a package or into it, pnpm puts them beside it.
  const [beside, inside] = [dirname(PROJECT), join(PROJECT, 'node_modules')];
  if (existsSync(inside)) symlinkSync(inside, join(copy, 'node_modules'));
  if (basename(beside) === 'node_modules') symlinkSync(beside, join(releases, name, 'node_modules'));
  return name;
}
