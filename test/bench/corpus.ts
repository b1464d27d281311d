// A large generated text, whose word frequencies follow Zipf's law as in a language. A few lines
// contain a rare word.
import { open } from 'node:fs/promises';
import { randomNumbers } from './words.js';

export interface CorpusOptions {
  path: string;
  bytes: number;
  seed: number;
}

/** Occurs in some of the `RARE_LINES` lines. */
export const RARE = 'Zyzzyvara';
/** A rare word with non-ASCII letters, in the others. */
const RARE_TOO = 'Žluťoučký';
const RARE_LINES = 40;
const WORDS = 60_000;
const CHUNK_BYTES = 4 * 1024 * 1024;
const MAX_LINE_BYTES = 256;

/**
 * Returns the number of lines, and a word that occurs in about one line of seven. The same seed
 * generates the same text.
 */
export async function makeCorpus({ path, bytes, seed }: CorpusOptions): Promise<{ lines: number; common: string }> {
  const random = randomNumbers(seed);
  const below = (end: number) => Math.floor(random() * end);
  const letters = 'eeeeeetttttaaaaooooiiiinnnnsssshhhhrrrrddllluuccmmwwffggyyppbbvkjxqz';
  const word = () => Array.from({ length: 2 + below(5) + below(5) }, () => letters[below(letters.length)]).join('');
  const words = Array.from({ length: WORDS }, () => Buffer.from(`${word()} `));
  const every = Math.floor(bytes / 37 / RARE_LINES);
  const file = await open(path, 'w');
  const chunk = Buffer.alloc(CHUNK_BYTES);
  let at = 0;
  let lines = 0;
  for (let written = 0; written + at < bytes; lines += 1) {
    for (let left = 3 + below(8); left > 0; left -= 1) {
      // The nth word occurs about 1/n as often as the first.
      at += (words[Math.floor(WORDS ** random()) - 1] as Buffer).copy(chunk, at);
    }
    if (lines % every === 7) at += chunk.write(`${lines % (2 * every) === 7 ? RARE : RARE_TOO} `, at);
    chunk[at - 1] = 0x0a;
    if (at > CHUNK_BYTES - MAX_LINE_BYTES) {
      await file.write(chunk, 0, at);
      written += at;
      at = 0;
    }
  }
  await file.write(chunk, 0, at);
  await file.close();
  return { lines, common: String(words[2]).trim() };
}
