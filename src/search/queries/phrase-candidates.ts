// Searches for the quotes that may match a phrase: those with its longest word.
import type { Answer, EntryObject, SearchEngine, Term } from '../engine.js';
import type { QueryTerm } from '../query.js';
import { type EntrySource, EVERY_ENTRY, entriesOfNoTerm } from './entry-source.js';
import { escapeRegex, HYPHENS, wordsOfPhrase } from './phrase.js';

/** Longer beginnings of a word are not told apart: few other words have them. */
const MAX_BEGINNING = 8;

/** Returns the quotes in the format `location`. */
export function phraseCandidates(
  engine: SearchEngine,
  source: EntrySource,
  { term, ignore_case }: QueryTerm,
  signal: AbortSignal,
): Answer<EntryObject> {
  const { join_hyphens, ignore_marks: _, ...where } = source;
  const [longest = ''] = wordsOfPhrase(term).sort((one, other) => other.length - one.length);
  if (longest === '') return entriesOfNoTerm(engine, source, signal);
  const word: Pick<Term, 'term' | 'syntax'> = join_hyphens
    ? { term: `${escapeRegex(longest)}|${beginningOf(longest)}`, syntax: 'regex' }
    : { term: longest, syntax: 'literal' };
  return engine.search({ ...EVERY_ENTRY, ...where, format: 'location', ...word, ignore_case }, signal);
}

/** Returns an expression for a line that ends with the hyphenated beginning of a word. */
function beginningOf(word: string): string {
  const characters = [...word];
  const isCut = characters.length > MAX_BEGINNING;
  let beginning = isCut ? '.*' : '';
  for (const character of characters.slice(0, MAX_BEGINNING).reverse()) {
    beginning = `${escapeRegex(character)}(${beginning})?`;
  }
  // A word may itself begin with a hyphen.
  return `${HYPHENS.includes(word[0] as string) ? `(${beginning})?` : beginning}[${HYPHENS}]$`;
}
