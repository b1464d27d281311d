// The texts of `npm run bench:index`: a large one, and a folder of small files. A few lines of both
// contain a rare word.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { makeCorpus } from './corpus.js';
import type { Terms } from './index-questions.js';
import { readThrough } from './read-through.js';
import { findRareWords, findWordByShare } from './text-words.js';

export const TEXT = 'corpus.txt';
export const FOLDER = 'folder';
export const FOLDER_FILES = 20_000;

export interface IndexCorpus {
  terms: Terms;
  bytes: number;
  folderBytes: number;
}

/** The folder has half the size of the text. */
const FOLDER_SHARE = 0.5;
const FILES_PER_SUBFOLDER = 200;
const SAMPLE_BYTES = 4_000_000;

/** Writes the texts into a dictionaries folder. */
export async function makeIndexCorpus(path: string, megabytes: number, seed: number): Promise<IndexCorpus> {
  const text = join(path, TEXT);
  const { lines, common } = await makeCorpus({ path: text, bytes: megabytes * 1e6, seed });
  await readThrough(text);
  const folderBytes = FOLDER_SHARE * megabytes * 1e6;
  const whole = join(path, `${FOLDER}.txt`);
  // Not the beginning of the large text, which would have half of the rare lines.
  await makeCorpus({ path: whole, bytes: folderBytes, seed: seed + 1 });
  await divide(whole, join(path, FOLDER), folderBytes / FOLDER_FILES);
  rmSync(whole);
  const sample = await readSample(text);
  const terms = { common, inOnePercent: findWordByShare(sample, 0.01), rareWords: findRareWords(sample, 2), lines };
  return { terms, bytes: (await stat(text)).size, folderBytes };
}

async function readSample(path: string): Promise<string> {
  const file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(SAMPLE_BYTES), 0, SAMPLE_BYTES, 0);
  await file.close();
  return buffer.toString('utf8', 0, bytesRead);
}

/** Writes a text into files of about this size, which end with a whole line. */
async function divide(path: string, folder: string, bytes: number): Promise<void> {
  const file = await open(path);
  const buffer = Buffer.alloc(Math.ceil(2 * bytes));
  for (let nr = 0, at = 0; ; nr += 1) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
    if (bytesRead === 0) break;
    const subfolder = join(folder, `d${pad(Math.floor(nr / FILES_PER_SUBFOLDER))}`);
    mkdirSync(subfolder, { recursive: true });
    const end = buffer.subarray(0, bytesRead).indexOf('\n', Math.ceil(bytes)) + 1 || bytesRead;
    writeFileSync(join(subfolder, `t${pad(nr)}.txt`), buffer.subarray(0, end));
    at += end;
  }
  await file.close();
}

function pad(nr: number): string {
  return String(nr).padStart(6, '0');
}
