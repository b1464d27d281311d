// What a container needs, computed from grepd's settings.
import { join } from 'node:path';
import { createPm2App } from '../../src/commands/pm2-app.js';
import { parseConfig } from '../../src/config/config.js';
import { settings } from '../../src/config/settings.js';
import { PROJECT } from './project.js';

const MIB = 1024 * 1024;
/** For PM2 and small files in memory. */
const OVERHEAD_MB = 256;

export interface ContainerNeeds {
  port: number;
  workers: number;
  /** For the workers at their limit, each with a grep for an expensive search. */
  memoryBytes: number;
  maxIndexBytes: number;
  /** From the signal until PM2 has ended the last worker. */
  stopMs: number;
}

/** Throws if a variable isn't a setting, or has an invalid value. */
export function containerNeeds(env: Record<string, string>): ContainerNeeds {
  for (const name of Object.keys(env)) if (!(name in settings)) throw new Error(`${name} is not a setting.`);
  const environment = { DICTIONARIES_DIR: join(PROJECT, 'dictionaries'), ...env };
  const config = parseConfig(environment);
  return {
    port: config.PORT,
    workers: config.WORKERS,
    memoryBytes: (config.WORKERS * (config.MAX_MEMORY_MB + config.SEARCH_MEMORY_MB) + OVERHEAD_MB) * MIB,
    maxIndexBytes: config.INDEX_MAX_MB * MIB,
    stopMs: createPm2App({ env: environment, script: 'entry.js' }).kill_timeout,
  };
}
