// How PM2 runs the installed package. PM2 ignores the default export of an ESM configuration.
import { join } from 'node:path';
import { PACKAGE_BUILD } from '../config/installation.js';
import { currentRelease } from './current-release.js';
import { createPm2App } from './pm2-app.js';
import { pm2Home } from './pm2-home.js';

export const apps = [
  createPm2App({
    env: process.env,
    script: join(currentRelease(), PACKAGE_BUILD, 'src/entry.js'),
    // The package's own folder may be replaced while the workers run.
    cwd: pm2Home(),
  }),
];
