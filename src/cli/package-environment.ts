// The environment in which an installed package runs its commands. Nothing that it writes, and no
// relative path, may be in the package's own folder: the next version replaces that.
import { resolve } from 'node:path';
import { defaultPm2Home } from '../config/default-folders.js';
import type { Field } from '../config/field-table.js';
import { settings } from '../config/settings.js';

/** Sets PM2's home, and resolves the paths of settings relative to the user's folder. */
export function preparePackageEnvironment(env: Record<string, string | undefined>, folder: string): void {
  for (const [name, { isPath }] of Object.entries<Field>(settings)) {
    if (isPath && env[name]) env[name] = resolve(folder, env[name]);
  }
  env.PM2_HOME = env.PM2_HOME ? resolve(folder, env.PM2_HOME) : defaultPm2Home(env);
}
