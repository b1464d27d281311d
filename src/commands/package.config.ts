// How PM2 runs the installed package. PM2 ignores the default export of an ESM configuration.
import { currentEntry } from './current-release.js';
import { createPm2App } from './pm2-app.js';
import { pm2Home } from './pm2-home.js';

export const apps = [
  createPm2App({
    env: process.env,
    script: currentEntry(),
    // The package's own folder may be replaced while the workers run.
    cwd: pm2Home(),
  }),
];
