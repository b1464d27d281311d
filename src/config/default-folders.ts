// Where an installed package keeps its files: https://specifications.freedesktop.org/basedir-spec/
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

type Environment = Record<string, string | undefined>;

/** Sockets, logs and the list of workers. */
export function defaultPm2Home(env: Environment): string {
  return join(baseFolder(env.XDG_STATE_HOME, '.local/state'), 'grepd/pm2');
}

/** Indexes, which can be built again. */
export function defaultIndexDir(env: Environment): string {
  return join(baseFolder(env.XDG_CACHE_HOME, '.cache'), 'grepd/index');
}

/** The specification says to ignore relative paths. */
function baseFolder(path: string | undefined, byDefault: string): string {
  return path !== undefined && isAbsolute(path) ? path : join(homedir(), byDefault);
}
