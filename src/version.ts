// The version of grepd.
import { readFile } from 'node:fs/promises';

/** Compiled, this file is in dist/src. */
const PACKAGE = new URL('../../package.json', import.meta.url);

export async function readVersion(): Promise<string> {
  return JSON.parse(await readFile(PACKAGE, 'utf8')).version;
}
