// How PM2 runs grepd in a checkout. PM2 ignores the default export of an ESM configuration.
import { createPm2App } from './dist/src/commands/pm2-app.js';

export const apps = [createPm2App({ env: process.env, script: 'dist/src/entry.js' })];
