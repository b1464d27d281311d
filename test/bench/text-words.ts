// Words of a text, to search for.
import { randomNumbers } from './words.js';

/**
 * Returns the words whose matching lines come closest to a size in bytes, as a JSON answer, and
 * are not smaller than a minimum.
 */
export function findWordsBySize(text: string, { bytes, minBytes, count }: SizeOptions): string[] {
  const lines = text.split('\n');
  const frequencies = new Map<string, number>();
  for (const word of wordsIn(text)) frequencies.set(word, (frequencies.get(word) ?? 0) + 1);
  const common = [...frequencies].sort(([, a], [, b]) => b - a).slice(0, MAX_COMMON);
  return common
    .map(([word]) => ({ word, size: JSON.stringify(lines.filter((line) => line.includes(word))).length }))
    .filter(({ size }) => size >= minBytes)
    .sort((a, b) => Math.abs(a.size - bytes) - Math.abs(b.size - bytes))
    .slice(0, count)
    .map(({ word }) => word);
}

export interface SizeOptions {
  bytes: number;
  minBytes: number;
  count: number;
}

/** The words to choose from: the most frequent ones. */
const MAX_COMMON = 500;

/** Returns the distinct words of five letters or more in random order. */
export function shuffleWords(text: string, seed: number): string[] {
  const random = randomNumbers(seed);
  return [...new Set(wordsIn(text))]
    .filter((word) => word.length >= 5)
    .map((word) => ({ word, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ word }) => word);
}

function wordsIn(text: string): string[] {
  return text.match(/[a-zA-Z]+/g) ?? [];
}
