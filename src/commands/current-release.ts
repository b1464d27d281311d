// PM2 starts workers of the installed package through a link. `grepd reload` of a package in
// another folder only has to replace the link, and workers keep the folder that they loaded.
import { renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from '../config/installation.js';
import { pm2Home } from './pm2-home.js';

export function currentRelease(): string {
  return join(pm2Home(), 'grepd-current');
}

/** Points the link at the package that contains this command. Replaces it atomically. */
export function activateRelease(): void {
  const fresh = `${currentRelease()}-${process.pid}`;
  rmSync(fresh, { force: true });
  symlinkSync(PROJECT, fresh);
  renameSync(fresh, currentRelease());
}
