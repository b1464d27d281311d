// A fresh copy of the project, like a clone after `npm ci`. It reuses the installed packages.
import { cp, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { PROJECT } from './project.js';
import { type TempFolder, tempFolder } from './temp-folder.js';

const NOT_COPIED = /^(node_modules|lib|\.git|\.index|dist(-.*)?)$/;

export async function projectCopy(): Promise<TempFolder> {
  const copy = await tempFolder();
  await cp(PROJECT, copy.path, { recursive: true, filter: (path) => !NOT_COPIED.test(basename(path)) });
  await symlink(join(PROJECT, 'node_modules'), join(copy.path, 'node_modules'));
  return copy;
}
