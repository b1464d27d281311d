// Words of a text, to search for.
import { randomNumbers } from './words.js';

/**
 * Returns the words whose matching lines come closest to a size in bytes, as a JSON answer, and
 * are not smaller than a minimum.
 */
export function findWordsBySize(text: string, { bytes, minBytes, count }: SizeOptions): string[] {
  const lines = text.split('\n');
  const frequencies = countWords(text);
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
/** An index of trigrams can use longer words only. */
const MIN_LETTERS = 4;

/** Returns the distinct words of five letters or more in random order. */
export function shuffleWords(text: string, seed: number): string[] {
  const random = randomNumbers(seed);
  return [...new Set(wordsIn(text))]
    .filter((word) => word.length >= 5)
    .map((word) => ({ word, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ word }) => word);
}

/** Returns the word for which the share of lines that contain it comes closest to `share`. */
export function findWordByShare(text: string, share: number): string {
  const lines = text.split('\n');
  const frequencies = countWords(text);
  const likely = [...frequencies]
    .filter(([word, count]) => word.length >= MIN_LETTERS && count < 2 * share * lines.length)
    .sort(([, a], [, b]) => b - a)
    .slice(0, MAX_COMMON);
  const distance = (word: string) =>
    Math.abs(lines.filter((line) => line.includes(word)).length - share * lines.length);
  return likely.map(([word]) => ({ word, at: distance(word) })).sort((a, b) => a.at - b.at)[0]?.word ?? '';
}

/** Returns words that occur once, the longest first. */
export function findRareWords(text: string, count: number): string[] {
  const frequencies = countWords(text);
  return [...frequencies]
    .filter(([, times]) => times === 1)
    .map(([word]) => word)
    .sort((a, b) => b.length - a.length)
    .slice(0, count);
}

function countWords(text: string): Map<string, number> {
  const frequencies = new Map<string, number>();
  for (const word of wordsIn(text)) frequencies.set(word, (frequencies.get(word) ?? 0) + 1);
  return frequencies;
}

function wordsIn(text: string): string[] {
  return text.match(/[a-zA-Z]+/g) ?? [];
}
