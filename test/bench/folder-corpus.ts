// Generated folders of text files, terms that occur in them, and what grep finds there.
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { runGrep } from './run-grep.js';
import { makeWords, randomNumbers, termsIn } from './words.js';

export interface FolderSize {
  files: number;
  bytes: number;
}

/** The text of which all files consist. Files that need more repeat it. */
const TEXT_BYTES = 10_000_000;
const FILES_PER_SUBFOLDER = 200;
/** Linux limits the size of all arguments. */
const MAX_ARGUMENTS = 10_000;

/** The same seed generates the same files and terms. */
export function makeFolderCorpus(seed: number) {
  let text = '';
  for (let part = 0; text.length < TEXT_BYTES; part += 1) text += makeWords(seed + part).text;

  function write(folder: string, { files, bytes }: FolderSize): void {
    let at = 0;
    for (let nr = 0, written = 0; nr < files; nr += 1) {
      const subfolder = join(folder, `d${pad(Math.floor(nr / FILES_PER_SUBFOLDER))}`);
      if (nr % FILES_PER_SUBFOLDER === 0) mkdirSync(subfolder, { recursive: true });
      let file = '';
      while (written + file.length < (bytes / files) * (nr + 1)) {
        const end = text.indexOf('\n', at);
        // The number, which no term contains, makes repeated lines differ.
        file += `${text.slice(at, end)} ${nr}\n`;
        at = (end + 1) % text.length;
      }
      writeFileSync(join(subfolder, `t${pad(nr)}.txt`), file);
      written += file.length;
    }
  }

  return { write, anyTerm: termsIn(text, randomNumbers(seed)) };
}

function pad(nr: number): string {
  return String(nr).padStart(6, '0');
}

/** Returns the paths of the files that grepd searches in a folder, in its order. */
export function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => basename(path) !== 'SOURCES.md' && statSync(join(folder, path)).isFile())
    .sort();
}

/** Returns the lines that grep finds in files, in their order. */
export async function grepFiles(folder: string, files: string[], term: string): Promise<string[]> {
  let output = '';
  for (let at = 0; at < files.length; at += MAX_ARGUMENTS) {
    output += await runGrep(['-hF', '-e', term, '--', ...files.slice(at, at + MAX_ARGUMENTS)], folder);
  }
  return output.split('\n').slice(0, -1);
}
