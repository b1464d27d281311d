// What `npm run bench:index` requests: searches in a large text and in a folder, and a page.
import type { CodesearchPattern } from './codesearch.js';
import { RARE } from './corpus.js';

export interface Terms {
  /** A word in one line of seven. */
  common: string;
  /** A word in one line of a hundred. */
  inOnePercent: string;
  /** Rare words that consist of common letters. */
  rareWords: readonly string[];
  /** The number of lines of the text. */
  lines: number;
}

export interface Question {
  title: string;
  /** At least so many times as fast with the index, or below so many milliseconds. */
  target: { times: number } | { belowMs: number };
  /** The requests that are sent at the same time: search fields, or the path of a page. */
  requests: (round: number) => (object | string)[];
  /** The same for plain grep: its options, and the pattern. */
  grep?: { options: string[]; pattern: string };
  codesearch?: CodesearchPattern;
  /** For searches that take seconds: a few rounds must do, and none to warm up. */
  maxRounds?: number;
  /** Whether a cluster isn't asked, because it would take minutes. */
  isLocal?: boolean;
  dictionary?: string;
}

const NON_ASCII = 'žluťoučký';
const MISSING = `${RARE}#`;
const WITH_LITERAL = `[aeiou][a-z]* ${RARE}$`;
const CONCURRENT = 8;
const FEWEST_LETTERS = 8;

/** Varies a regular expression without literals, because equal searches share one grep. */
function withoutLiteral(letters: number): string {
  return `^[aeiou][a-z]{${letters}} [xyz]`;
}

/** @param folder the name of a folder that contains the rare word in a few files */
export function questionsOf(
  { common, inOnePercent, rareWords, lines }: Terms,
  { text, folder }: { text: string; folder: string },
): Question[] {
  const [rareWord = '', otherWord = ''] = rareWords;
  // Its trigrams occur, though not together.
  const absent = `${rareWord}${otherWord}`;
  const literal = (title: string, times: number, term: string): Question => ({
    title,
    target: { times },
    requests: () => [{ term }],
    grep: { options: ['-F'], pattern: term },
    codesearch: { regex: term },
  });
  const regex = (title: string, times: number, term: string): Question => ({
    title,
    target: { times },
    requests: () => [{ term, syntax: 'regex' }],
    grep: { options: ['-E'], pattern: term },
    codesearch: { regex: term },
  });
  const ignoringCase = (title: string, times: number, term: string): Question => ({
    title,
    target: { times },
    requests: () => [{ term, ignore_case: true }],
    grep: { options: ['-F', '-i'], pattern: term },
    codesearch: { regex: term, ignoreCase: true },
  });
  const word = (title: string, times: number, term: string): Question => ({
    title,
    target: { times },
    requests: () => [{ term, syntax: 'word' }],
    grep: { options: ['-F', '-w'], pattern: term },
    codesearch: { regex: `\\b${term}\\b` },
  });
  return [
    literal('rare literal', 60, RARE),
    literal(`rare literal of common letters, \`${rareWord}\``, 60, rareWord),
    word('rare word', 60, RARE),
    word('rare word of common letters', 60, rareWord),
    ignoringCase('rare, ignoring case', 60, RARE.toLowerCase()),
    ignoringCase('rare and not ASCII, ignoring case', 60, NON_ASCII),
    regex('regular expression with a rare literal', 60, WITH_LITERAL),
    literal('absent literal', 50, MISSING),
    literal('absent literal of common letters', 50, absent),
    literal(`literal in 1 % of the lines, \`${inOnePercent}\``, 1, inOnePercent),
    {
      title: 'a page of lines in the middle',
      target: { belowMs: 15 },
      requests: (round) => [`/d/${text}?line=${Math.floor(lines / 2) + 1000 * round}`],
    },
    { ...literal('folder, rare literal', 60, RARE), dictionary: folder },
    { ...literal('folder, absent literal', 50, MISSING), dictionary: folder },
    { ...literal('common literal', 1.6, common), maxRounds: 3 },
    { ...regex('regular expression without literals', 1.6, withoutLiteral(FEWEST_LETTERS + 4)), maxRounds: 3 },
    {
      title: `${CONCURRENT} different ones at the same time`,
      target: { times: 0.95 },
      requests: () =>
        Array.from({ length: CONCURRENT }, (_, nr) => ({ term: withoutLiteral(FEWEST_LETTERS + nr), syntax: 'regex' })),
      maxRounds: 2,
      isLocal: true,
    },
  ];
}

/** Returns different rare literals of the same lines, one per client. */
export function rareLiterals(clients: number): string[] {
  const fewest = 5;
  const all = Array.from({ length: RARE.length - fewest + 1 }, (_, from) =>
    Array.from({ length: RARE.length - fewest + 1 - from }, (_, more) => RARE.slice(from, from + fewest + more)),
  );
  return all.flat().slice(0, clients);
}
