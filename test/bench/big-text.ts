// A big text of random words for benchmarks.
import { open } from 'node:fs/promises';
import { makeWords } from './words.js';

/** Writes at least so many bytes. The same seed generates the same text. */
export async function writeBigText(path: string, bytes: number, seed: number): Promise<void> {
  const file = await open(path, 'w');
  // Vary the lines by a number that no term contains.
  for (let written = 0, part = 0; written < bytes; part += 1) {
    const { text } = makeWords(seed + (part % 100));
    const numbered = text.replaceAll('\n', ` ${part}\n`);
    await file.write(numbered);
    written += numbered.length;
  }
  await file.close();
}
