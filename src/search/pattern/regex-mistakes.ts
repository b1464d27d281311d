// Finds mistakes in regular expressions: Perl syntax that grep -E reads differently.
import { findBracketMistake } from './bracket-mistakes.js';
import { ESCAPE_SEQUENCE, printable, type RawMistake } from './mistake.js';
import { escapeSpecial, GROUPS, insteadOf } from './perl-syntax.js';
import { type Token, tokensOf } from './regex-tokens.js';

export interface Mistake extends Omit<RawMistake, 'at' | 'edit'> {
  /** The position of the fragment's first character, counted from 1. */
  position: number;
}

/** Returns the first mistake, if any. Ignores syntax errors, which grep rejects itself. */
export function findMistake(regex: string): Mistake | undefined {
  const raw = findRawMistake(regex);
  if (raw === undefined) return undefined;
  const { at, edit: _, ...mistake } = raw;
  return { ...mistake, position: [...regex.slice(0, at)].length + 1 };
}

/** Like `findMistake`, with the edit that corrects it. */
export function findRawMistake(regex: string): RawMistake | undefined {
  let before: Token | undefined;
  for (const token of tokensOf(regex)) {
    const mistake = mistakeOf(token, before, regex);
    if (mistake !== undefined) return mistake;
    before = token;
  }
  return undefined;
}

function mistakeOf(token: Token, before: Token | undefined, regex: string): RawMistake | undefined {
  if (token.kind === 'stray') return strayBackslash(token, regex);
  if (token.kind === 'repeat' && token.isAtStart) return repeatedNothing(token, before, regex);
  if (token.kind === 'repeat' && before?.kind === 'repeat') return repeatedRepetition(token, before);
  return token.text.startsWith('[') ? findBracketMistake(token, regex) : undefined;
}

/** What Perl takes literally. */
const QUOTED = /\\Q(.*?)(?:\\E|$)/suy;

function strayBackslash({ at }: Token, regex: string): RawMistake {
  ESCAPE_SEQUENCE.lastIndex = at;
  const text = ESCAPE_SEQUENCE.exec(regex)?.[0] ?? '\\';
  const character = String.fromCodePoint(text.codePointAt(1) ?? 0);
  const isLetter = /[\p{L}\p{N}]/u.test(character);
  const { advice, replacement } = insteadOf(text) ?? {
    advice: `Write ${printable(character)} without a backslash for the character itself.`,
    // A letter may have a meaning elsewhere.
    replacement: isLetter ? undefined : character,
  };
  QUOTED.lastIndex = at;
  const [quotation, quoted] = QUOTED.exec(regex) ?? [text];
  return {
    kind: 'stray backslash',
    at,
    fragment: printable(text),
    problem: 'has no meaning in one',
    advice,
    edit: { at, length: quotation.length, text: quoted === undefined ? replacement : escapeSpecial(quoted) },
  };
}

function repeatedNothing({ text, at }: Token, before: Token | undefined, regex: string): RawMistake {
  const kind = 'repeats nothing';
  if (text === '?' && before?.kind === 'open') {
    const remainder = regex.slice(at + 1);
    for (const { start, problem, advice, replacement } of GROUPS) {
      const match = start.exec(remainder);
      if (match === null) continue;
      const group = `(?${match[0]}`;
      const edit = { at: before.at, length: group.length, text: replacement };
      return { kind, at: before.at, fragment: printable(group), problem, advice, edit };
    }
  }
  return {
    kind,
    at,
    fragment: text,
    problem: kind,
    advice: `Write \\${text} for the character itself, .${text} for any.`,
    edit: { at, length: text.length, text: `\\${text}` },
  };
}

/** Repeating a repetition with `*` or an interval is odd, but means the same in other tools. */
function repeatedRepetition({ text }: Token, { text: first, at }: Token): RawMistake | undefined {
  if (text !== '?' && text !== '+') return undefined;
  const what = text === '?' ? 'as few as possible' : 'without giving any back';
  return {
    kind: 'repeats a repetition',
    at,
    fragment: first + text,
    problem: `repeats a repetition, where other tools repeat ${what}`,
    advice: `Write ${first}, and what ends the repetition as in "[^"]*"; or (…${first})${text} to repeat it.`,
    edit: { at, length: first.length + text.length, text: first },
  };
}
