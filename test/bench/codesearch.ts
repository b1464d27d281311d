// Google codesearch (Debian package `codesearch`): a trigram index of files, and a command that
// searches them.
import { execFileSync } from 'node:child_process';
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { findAny } from '../helpers/programs.js';
import { CommandShell } from './command-shell.js';

export interface CodesearchPattern {
  regex: string;
  ignoreCase?: boolean;
}

/** The index has whole files, so a large text is divided into files of this size. */
export const CODESEARCH_FILE_BYTES = 128 * 1024;

/** Returns why it can't be used, or `undefined` if it can. */
export function findMissingCodesearch(): string | undefined {
  const isInstalled = ['cindex', 'csearch'].every((name) => findAny([name]) !== undefined);
  return isInstalled ? undefined : 'codesearch is not installed (apt-get install codesearch)';
}

/** Copies a text into a folder of small files. */
export function divideText(path: string, folder: string): void {
  mkdirSync(folder);
  execFileSync('split', ['-C', String(CODESEARCH_FILE_BYTES), '-a', '4', '-d', path, join(folder, 'part')]);
}

export class Codesearch {
  readonly #shell: CommandShell;
  readonly indexBytes: number;
  readonly seconds: number;

  /** Indexes a folder. */
  constructor(folder: string, indexPath: string) {
    const env = { CSEARCHINDEX: indexPath };
    const begin = performance.now();
    execFileSync('cindex', [folder], { env: { PATH: process.env.PATH, ...env }, stdio: 'ignore' });
    this.seconds = (performance.now() - begin) / 1000;
    this.indexBytes = statSync(indexPath).size;
    this.#shell = new CommandShell(env);
  }

  /** Returns the number of matching lines. */
  async count({ regex, ignoreCase = false }: CodesearchPattern): Promise<number> {
    const output = await this.#shell.run(['csearch', '-c', ...(ignoreCase ? ['-i'] : []), regex]);
    const counts = output.match(/: \d+$/gm) ?? [];
    return counts.reduce((sum, count) => sum + Number(count.slice(2)), 0);
  }

  async close(): Promise<void> {
    await this.#shell.close();
  }
}
