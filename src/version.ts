// The version of grepd.
import { readFile } from 'node:fs/promises';

/** Relative to dist/src, where this file is compiled to. */
const PACKAGE = new URL('../../package.json', import.meta.url);

export async function readVersion(): Promise<string> {
  return JSON.parse(await readFile(PACKAGE, 'utf8')).version;
}
