// A fresh copy of the project, as a clone with `npm ci` behind it: what that installs is here already, or no test would run.
import { cp, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { PROJECT } from './project.js';
import { type TempFolder, tempFolder } from './temp-folder.js';

const NOT_COPIED = /^(node_modules|\.git|dist(-.*)?)$/;

export async function projectCopy(): Promise<TempFolder> {
  const copy = await tempFolder();
  await cp(PROJECT, copy.path, { recursive: true, filter: (path) => !NOT_COPIED.test(basename(path)) });
  await symlink(join(PROJECT, 'node_modules'), join(copy.path, 'node_modules'));
  return copy;
}
