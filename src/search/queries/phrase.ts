// Expresses a phrase as a regular expression, and changes texts so that grep can match it across
// line ends: a changed text is one line for grep, and offsets in it stay the same.

/** White space as a set: `[[:space:]]` of the C library in UTF-8. */
const SPACE = '[\\t-\\r \\u1680\\u2000-\\u2006\\u2008-\\u200a\\u2028\\u2029\\u205f\\u3000]';
const SPACES = new RegExp(`${SPACE}+`, 'g');
const SPACE_BUT_LINE_END = new RegExp(`(?!\\n)${SPACE}`, 'g');

/** Stands for a line end in a changed text. Other white space is a space. */
const LINE_END = '\v';

/** Hyphen-minus, hyphen and soft hyphen. */
export const HYPHENS = '-\u2010\u00ad';

/** A line end that divides a word, and the indentation of the next line. */
const DIVISION = `${LINE_END} *`;
const HYPHENATION = `([${HYPHENS}]${DIVISION})?`;

const IN_WORD = /[\p{L}\p{M}\p{N}]/u;
const HYPHEN = new RegExp(`[${HYPHENS}]`);

/** Returns the text that `phraseRegex` matches. */
export function phraseText(text: string): string {
  return text.replace(SPACE_BUT_LINE_END, ' ').replaceAll('\n', LINE_END);
}

/** Returns the words of a phrase: the parts between its white space. */
export function wordsOfPhrase(phrase: string): string[] {
  return phrase.split(SPACES).filter((word) => word !== '');
}

/** @param joinHyphens whether a word also matches if it is hyphenated at a line end */
export function phraseRegex(phrase: string, joinHyphens: boolean): string {
  const words = phrase.split(SPACES).map((word) => (joinHyphens ? divisibleWord(word) : escapeRegex(word)));
  return words.join(`[ ${LINE_END}]+`);
}

export function escapeRegex(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** The expression grows linearly: grep compiles a word of 1,000 characters in some 20 ms. */
function divisibleWord(word: string): string {
  const characters = [...word];
  return characters
    .map((character, at) => {
      const next = characters[at + 1];
      if (next === undefined) return escapeRegex(character);
      if (HYPHEN.test(character)) return `${character}(${DIVISION})?`;
      const isDivisible = IN_WORD.test(character) && IN_WORD.test(next);
      return escapeRegex(character) + (isDivisible ? HYPHENATION : '');
    })
    .join('');
}
