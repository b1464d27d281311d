// Finds mistakes in regular expressions: Perl syntax that grep -E reads differently.
import { type Token, tokensOf } from './regex-tokens.js';

export interface Mistake {
  /** GNU grep 3.8 and newer warn about the first two kinds, and silently misread the others. */
  kind: 'stray backslash' | 'repeats nothing' | 'repeats a repetition' | 'backslash in brackets';
  /** The part of the expression that is wrong, in printable form. */
  fragment: string;
  /** The position of the fragment's first character, counted from 1. */
  position: number;
  /** Completes the sentence that the fragment begins. */
  problem: string;
  /** A sentence that says what to write instead. */
  advice: string;
}

/** A mistake, with its offset and length in UTF-16 code units. */
interface RawMistake extends Omit<Mistake, 'position'> {
  at: number;
  length: number;
  /** What grep reads as the author means it. `undefined` if there is nothing obvious. */
  replacement: string | undefined;
}

/** Returns the first mistake, if any. Ignores syntax errors, which grep rejects itself. */
export function findMistake(regex: string): Mistake | undefined {
  const raw = findRawMistake(regex);
  if (raw === undefined) return undefined;
  const { at, length: _, replacement: __, ...mistake } = raw;
  return { ...mistake, position: [...regex.slice(0, at)].length + 1 };
}

/** Like `findMistake`, with what to replace. */
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
  return token.text.startsWith('[') ? inBrackets(token, regex) : undefined;
}

const NO_LINE_BREAK =
  'Lines are searched one by one, so none has a line break: write ^ for its start and $ for its end.';
const ITSELF = 'Write the character itself.';
const NO_EQUIVALENT = 'grep has no equivalent.';
const QUOTE = 'Write \\ before each special character, or set "syntax" to "literal".';
const REFERENCE = 'Write \\1 to \\9 for what a group has matched.';
const END = 'Write $ for the end of the line.';

/** What to write instead of a backslash and this letter. */
const ESCAPES: Record<string, string> = {
  d: 'Write [0-9] for a digit.',
  D: 'Write [^0-9] for anything but a digit.',
  h: 'Write [[:blank:]] for a space or tab.',
  H: 'Write [^[:blank:]] for anything but a space or tab.',
  N: 'Write . for any character.',
  t: 'Write the tab character itself.',
  n: NO_LINE_BREAK,
  r: NO_LINE_BREAK,
  R: NO_LINE_BREAK,
  A: 'Write ^ for the start of the line.',
  z: END,
  Z: END,
  Q: QUOTE,
  E: QUOTE,
  g: REFERENCE,
  k: REFERENCE,
  K: NO_EQUIVALENT,
  G: NO_EQUIVALENT,
  X: NO_EQUIVALENT,
  a: ITSELF,
  c: ITSELF,
  e: ITSELF,
  f: ITSELF,
  o: ITSELF,
  u: ITSELF,
  v: ITSELF,
  x: ITSELF,
  0: ITSELF,
};

/** What has the same meaning as a backslash and this letter. */
const REPLACEMENTS: Record<string, string> = {
  d: '[0-9]',
  D: '[^0-9]',
  h: '[[:blank:]]',
  H: '[^[:blank:]]',
  N: '.',
  t: '\t',
  A: '^',
  z: '$',
  Z: '$',
};

/** As `REPLACEMENTS`, in brackets. */
const BRACKET_REPLACEMENTS: Record<string, string> = {
  d: '0-9',
  w: '[:alnum:]_',
  s: '[:space:]',
  h: '[:blank:]',
  t: '\t',
};

/** What to write in brackets, where a backslash and this letter are two characters. */
const BRACKET_ESCAPES: Record<string, string> = {
  d: 'Write 0-9 for a digit',
  w: 'Write [:alnum:]_ for a character of a word',
  s: 'Write [:space:] for white space',
  h: 'Write [:blank:] for a space or tab',
  D: 'Write (…|[^0-9]) for anything but a digit',
  W: 'Write (…|\\W) for anything but a character of a word',
  S: 'Write (…|\\S) for anything but white space',
  H: 'Write (…|[^[:blank:]]) for anything but a space or tab',
  t: 'Write the tab character itself',
  n: 'No line has a line break in it: leave it out',
  r: 'No line has a line break in it: leave it out',
};

/** POSIX classes for Unicode properties. */
const CLASSES: Record<string, string> = {
  lu: 'upper',
  uppercase: 'upper',
  ll: 'lower',
  lowercase: 'lower',
  n: 'digit',
  nd: 'digit',
  p: 'punct',
  s: 'punct',
  punct: 'punct',
  z: 'space',
  zs: 'space',
  space: 'space',
  white_space: 'space',
  cc: 'cntrl',
};

/** An escape sequence in Perl. */
const ESCAPE =
  /\\(?:[pPxuoN]\{[^{}]{0,20}\}|[kg](?:\{[^{}]{0,20}\}|<[^<>]{0,20}>)|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[pPc]\w|.)/suy;

function escapeAt(regex: string, at: number): string {
  ESCAPE.lastIndex = at;
  return ESCAPE.exec(regex)?.[0] ?? '\\';
}

function strayBackslash({ at }: Token, regex: string): RawMistake {
  const text = escapeAt(regex, at);
  const [letter = ''] = text.slice(1);
  const advice = /p/i.test(letter) ? classAdvice(text) : ESCAPES[letter];
  const character = String.fromCodePoint(text.codePointAt(1) ?? 0);
  return {
    kind: 'stray backslash',
    at,
    length: text.length,
    replacement: replacementOf(text),
    fragment: printable(text),
    problem: 'has no meaning in one',
    advice: advice ?? `Write ${printable(character)} without a backslash for the character itself.`,
  };
}

function replacementOf(text: string): string | undefined {
  const [letter = ''] = text.slice(1);
  if (/^\\[pP]/.test(text)) return `${letter === 'P' ? '[^' : '['}${classOf(text)}]`;
  return /[\p{L}\p{N}]/u.test(letter) ? REPLACEMENTS[letter] : text.slice(1);
}

function classAdvice(text: string): string {
  return `Write ${text[1] === 'P' ? '[^' : '['}${classOf(text)}] or another class.`;
}

function classOf(text: string): string {
  return `[:${CLASSES[text.slice(2).replace(/[{}^]/g, '').toLowerCase()] ?? 'alpha'}:]`;
}

/** What follows `(?` in Perl, and what to write instead. */
const GROUPS: [start: RegExp, problem: string, advice: string, replacement?: string][] = [
  [/^:/, 'has no meaning in one', 'Write ( to begin a group.', '('],
  [/^<?[=!]/, 'has no meaning in one', "grep can't look ahead or behind: leave it out."],
  [
    /^(?:P?<\w*>|'\w*')/,
    'has no meaning in one',
    'Write ( to begin a group, and \\1 to \\9 for what it has matched.',
    '(',
  ],
  [/^[a-z]*i[a-z]*(?:-[a-z]*)?[:)]/i, 'has no meaning in one', 'Set "ignore_case" to true instead.'],
  [/^[a-z]*(?:-[a-z]*)?[:)]/i, 'has no meaning in one', 'Leave it out.'],
  [/^/, 'repeats nothing', 'Write (\\? for a parenthesis and a question mark in one group.', '(\\?'],
];

function repeatedNothing({ text, at }: Token, before: Token | undefined, regex: string): RawMistake {
  const kind = 'repeats nothing';
  if (text === '?' && before?.kind === 'open') {
    const remainder = regex.slice(at + 1);
    for (const [start, problem, advice, replacement] of GROUPS) {
      const match = start.exec(remainder);
      if (match === null) continue;
      const fragment = `(?${match[0]}`;
      const { at } = before;
      return { kind, at, length: fragment.length, replacement, fragment: printable(fragment), problem, advice };
    }
  }
  return {
    kind,
    at,
    length: text.length,
    replacement: `\\${text}`,
    fragment: text,
    problem: kind,
    advice: `Write \\${text} for the character itself, .${text} for any.`,
  };
}

/** Repeating a repetition with `*` or an interval is odd, but means the same in other tools. */
function repeatedRepetition({ text }: Token, { text: first, at }: Token): RawMistake | undefined {
  if (text !== '?' && text !== '+') return undefined;
  const what = text === '?' ? 'as few as possible' : 'without giving any back';
  return {
    kind: 'repeats a repetition',
    at,
    length: first.length + text.length,
    replacement: first,
    fragment: first + text,
    problem: `repeats a repetition, where other tools repeat ${what}`,
    advice: `Write ${first}, and what ends the repetition as in "[^"]*"; or (…${first})${text} to repeat it.`,
  };
}

/** A class such as [:alpha:], or a backslash and the character after it. */
const MEMBER = /\[([.:=]).*?\1\]|\\(.?)/gsu;

/** In brackets, a backslash is an ordinary character. Accepts `\\` for it, too. */
function inBrackets({ text, at }: Token, regex: string): RawMistake | undefined {
  for (const { index, 2: next } of text.slice(1, -1).matchAll(MEMBER)) {
    if (next === undefined) continue;
    const start = at + 1 + index;
    const mistake = bracketMistake(regex.slice(start), next);
    if (mistake === undefined) continue;
    const [fragment, meaning, advice] = mistake;
    return {
      kind: 'backslash in brackets',
      at: start,
      length: fragment.length,
      replacement: /^\\[pP]\{/.test(fragment) ? classOf(fragment) : BRACKET_REPLACEMENTS[next],
      fragment: printable(fragment),
      problem: `in brackets is ${meaning}`,
      advice,
    };
  }
  return undefined;
}

/**
 * @param remainder the expression from the backslash on
 * @param next the character after the backslash; empty at the end of the brackets
 */
function bracketMistake(
  remainder: string,
  next: string,
): [fragment: string, meaning: string, advice: string] | undefined {
  if (next === '' && remainder.startsWith('\\]]')) {
    const advice = 'Write ] first, as in []a] or [^]a]; or, for a backslash and then ], write [\\]\\].';
    return ['\\]', 'a backslash and the end of the brackets', advice];
  }
  if (next === '-' && !remainder.startsWith('\\-]')) {
    return ['\\-', 'a backslash, where a range begins', 'Write - last for the character itself.'];
  }
  const fragment = escapeAt(remainder, 0);
  const advice = /^\\[pP]\{/.test(fragment) ? `Write ${classOf(fragment)} or another class` : BRACKET_ESCAPES[next];
  return advice === undefined ? undefined : [fragment, `a backslash or ${next}`, `${advice}; or \\\\ for a backslash.`];
}

/** Replaces invisible characters by their code points. */
function printable(text: string): string {
  return text.replace(/[^\p{L}\p{N}\p{P}\p{S}]/gu, (character) => {
    const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    return `U+${code}`;
  });
}
