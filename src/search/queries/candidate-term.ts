// Derives a term with which the inner engine finds every line, or a line of every quote, that may
// match. False candidates only cost time.
import type { Term } from '../engine.js';
import { variantsOf } from '../pattern/case-folding.js';
import type { QueryTerm } from '../query.js';
import type { EntrySource } from './entry-source.js';
import { escapeRegex, HYPHENS, wordsOfPhrase } from './phrase.js';

/** The maximum number of characters of a word to compare. More would hardly exclude more lines. */
const MAX_CHARACTERS = 16;
/** The maximum number of them before a hyphen at a line end. */
const MAX_BEGINNING = 8;

/** Anything that may be a mark, or a character whose decomposition has one. */
const MARKED = '[^ -~]';

/**
 * Returns `undefined` if any text may match.
 *
 * @param term has no marks if they are ignored
 */
export function candidateTerm(
  { term, syntax, ignore_case }: QueryTerm,
  { join_hyphens, ignore_marks }: Pick<EntrySource, 'join_hyphens' | 'ignore_marks'>,
): Term | undefined {
  if (syntax === 'regex') return undefined;
  const isPhrase = syntax === 'phrase';
  const text = isPhrase ? longest(wordsOfPhrase(term)) : term;
  if (text === '') return undefined;
  const joinsHyphens = isPhrase && join_hyphens;
  if (!ignore_marks && !joinsHyphens) return { term: text, syntax: 'literal', ignore_case };
  const characters = [...text].map((character) =>
    ignore_marks ? maybeMarked(character, ignore_case) : escapeRegex(character),
  );
  const compared = ignore_marks ? characters.slice(0, MAX_CHARACTERS) : characters;
  // A word may itself begin with a hyphen.
  const isOptional = HYPHENS.includes(text[0] as string);
  const divided = `${beginningOf(characters, isOptional)}[${HYPHENS}]${ignore_marks ? `${MARKED}*` : ''}$`;
  return {
    term: joinsHyphens ? `${compared.join('')}|${divided}` : compared.join(''),
    syntax: 'regex',
    // Only ASCII letters are compared without marks, in both cases.
    ignore_case: ignore_case && !ignore_marks,
  };
}

function longest(words: readonly string[]): string {
  return words.reduce((one, other) => (other.length > one.length ? other : one), '');
}

/** Returns an expression for a character with any marks. */
function maybeMarked(character: string, ignoreCase: boolean): string {
  const codePoint = character.codePointAt(0) as number;
  const variants = ignoreCase ? variantsOf(codePoint) : [codePoint];
  const ascii = variants.map((variant) => String.fromCodePoint(variant)).filter((variant) => /^[ -~]$/.test(variant));
  // One character may decompose to several.
  if (ascii.length === 0) return `${MARKED}*`;
  return `(${[...ascii.map(escapeRegex), MARKED].join('|')})${MARKED}*`;
}

/** Returns an expression for the beginnings of a word. */
function beginningOf(characters: readonly string[], isOptional: boolean): string {
  let beginning = characters.length > MAX_BEGINNING ? '.*' : '';
  for (const character of characters.slice(0, MAX_BEGINNING).reverse()) {
    beginning = `${character}${beginning === '' ? '' : `(${beginning})?`}`;
  }
  return isOptional ? `(${beginning})?` : beginning;
}
