// Finds mistakes in brackets, where a backslash is an ordinary character for grep -E.
import { ESCAPE_SEQUENCE, printable, type RawMistake } from './mistake.js';
import { BRACKET_ESCAPES, type Instead, insteadOfProperty } from './perl-syntax.js';
import type { Token } from './regex-tokens.js';

/** A class such as [:alpha:], or a backslash and the character after it. */
const MEMBER = /\[([.:=]).*?\1\]|\\(.?)/gsu;

/** Brackets that match every character of a line. */
const ANY = /^\[(?:\^(?:\\[rn])+|\\s\\S|\\S\\s|\\d\\D|\\D\\d|\\w\\W|\\W\\w)\]$/;

/** Accepts `\\` for a backslash. */
export function findBracketMistake({ text, at }: Token, regex: string): RawMistake | undefined {
  for (const { index, 2: next } of text.slice(1, -1).matchAll(MEMBER)) {
    if (next === undefined) continue;
    const offset = 1 + index;
    const found = mistakeAt(at + offset, next, regex);
    if (found === undefined) continue;
    const { fragment, meaning, advice } = found;
    const [before, after] = [text.slice(1, offset), text.slice(offset + fragment.length, -1)];
    return {
      kind: 'backslash in brackets',
      at: at + offset,
      fragment: printable(fragment),
      problem: `in brackets is ${meaning}`,
      advice,
      edit: ANY.test(text)
        ? { at, length: text.length, text: '.' }
        : { at, length: text.length + (found.trailing ?? 0), text: inBrackets(found.rewrite(before, after), before) },
    };
  }
  return undefined;
}

interface BracketMistake {
  fragment: string;
  meaning: string;
  advice: string;
  /** Returns the corrected members, or `undefined` if what they mean isn't obvious. */
  rewrite: (before: string, after: string) => string | undefined;
  /** How many characters after the brackets the correction replaces, too. */
  trailing?: number;
}

/** Returns `undefined` if the brackets would be empty or negated by accident. */
function inBrackets(members: string | undefined, before: string): string | undefined {
  if (members === undefined || members === '' || members === '^') return undefined;
  if (members.startsWith('^') && before === '') return undefined;
  // Who escapes one character there escapes others, too.
  return `[${members.replace(ESCAPED, (pair, character) => (character === '\\' ? pair : character))}]`;
}

/** A backslash and what needs none in brackets, wherever it is. */
const ESCAPED = /\\([[.*+?(){}|$/\\])/g;

/**
 * @param at the index of the backslash
 * @param next the character after the backslash; empty at the end of the brackets
 */
function mistakeAt(at: number, next: string, regex: string): BracketMistake | undefined {
  if (next === '' && regex.startsWith('\\]]', at)) {
    return {
      fragment: '\\]',
      meaning: 'a backslash and the end of the brackets',
      advice: 'Write ] first, as in []a] or [^]a]; or, for a backslash and then ], write [\\]\\].',
      rewrite: (before) => before.replace(/^\^?/, '$&]'),
      trailing: 1,
    };
  }
  if (next === '-' && !regex.startsWith('\\-]', at)) {
    return {
      fragment: '\\-',
      meaning: 'a backslash, where a range begins',
      advice: 'Write - last for the character itself.',
      rewrite: (before, after) => `${before}${after.replace(/-$/, '')}-`,
    };
  }
  ESCAPE_SEQUENCE.lastIndex = at;
  const fragment = ESCAPE_SEQUENCE.exec(regex)?.[0] ?? '\\';
  const instead = /^\\[pP]\{/.test(fragment) ? insteadOfPropertyInBrackets(fragment) : BRACKET_ESCAPES[next];
  if (instead === undefined) return undefined;
  const { advice, replacement } = instead;
  return {
    fragment,
    meaning: `a backslash or ${next}`,
    advice: `${advice}; or \\\\ for a backslash.`,
    rewrite: (before, after) => {
      // A class can't begin or end a range.
      const isInRange = /.-$/s.test(before) || /^-./s.test(after);
      return replacement === undefined || isInRange ? undefined : `${before}${replacement}${after}`;
    },
  };
}

function insteadOfPropertyInBrackets(sequence: string): Instead {
  const { advice, replacement } = insteadOfProperty(sequence);
  return {
    advice: `Write ${advice} or another class`,
    replacement: sequence.startsWith('\\P') ? undefined : replacement,
  };
}
