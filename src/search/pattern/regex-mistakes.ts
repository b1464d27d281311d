// What grep -E reads otherwise than its writer means it: Perl's escapes, groups and repetitions.
import { type Token, tokensOf } from './regex-tokens.js';

export interface Mistake {
  /** GNU grep 3.8 and newer warn of the first two kinds, and take the others silently for something else. */
  kind: 'stray backslash' | 'repeats nothing' | 'repeats a repetition' | 'backslash in brackets';
  /** The piece of the expression that is wrong, as it is shown. */
  piece: string;
  /** Where the piece begins: the number of the character, counted from 1. */
  position: number;
  /** Completes the sentence that begins with the piece. */
  problem: string;
  /** A sentence: what to write instead. */
  advice: string;
}

type Found = Omit<Mistake, 'position'> & { at: number };

/** The first mistake, if there is one. Syntax errors aren't found: grep rejects those by itself. */
export function findMistake(regex: string): Mistake | undefined {
  let before: Token | undefined;
  for (const token of tokensOf(regex)) {
    const found = mistakeOf(token, before, regex);
    if (found !== undefined) {
      const { at, ...mistake } = found;
      return { ...mistake, position: [...regex.slice(0, at)].length + 1 };
    }
    before = token;
  }
  return undefined;
}

function mistakeOf(token: Token, before: Token | undefined, regex: string): Found | undefined {
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

/** What to write for a backslash and this letter. */
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

/** What to write within brackets for a backslash and this letter, which are two characters there. */
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

/** Classes of POSIX for properties of Unicode. */
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

/** A backslash and what belongs to it in Perl. */
const ESCAPE =
  /\\(?:[pPxuoN]\{[^{}]{0,20}\}|[kg](?:\{[^{}]{0,20}\}|<[^<>]{0,20}>)|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[pPc]\w|.)/suy;

function escapeAt(regex: string, at: number): string {
  ESCAPE.lastIndex = at;
  return ESCAPE.exec(regex)?.[0] ?? '\\';
}

function strayBackslash({ at }: Token, regex: string): Found {
  const text = escapeAt(regex, at);
  const [letter = ''] = text.slice(1);
  const advice = /p/i.test(letter) ? classAdvice(text) : ESCAPES[letter];
  const character = String.fromCodePoint(text.codePointAt(1) ?? 0);
  return {
    kind: 'stray backslash',
    at,
    piece: shown(text),
    problem: 'has no meaning in one',
    advice: advice ?? `Write ${shown(character)} without a backslash for the character itself.`,
  };
}

function classAdvice(text: string): string {
  return `Write ${text[1] === 'P' ? '[^' : '['}${classOf(text)}] or another class.`;
}

function classOf(text: string): string {
  return `[:${CLASSES[text.slice(2).replace(/[{}^]/g, '').toLowerCase()] ?? 'alpha'}:]`;
}

/** What follows `(?` in Perl, and what to write for it. */
const GROUPS: [begin: RegExp, problem: string, advice: string][] = [
  [/^:/, 'has no meaning in one', 'Write ( to begin a group.'],
  [/^<?[=!]/, 'has no meaning in one', "grep can't look ahead or behind: leave it out."],
  [/^(?:P?<\w*>|'\w*')/, 'has no meaning in one', 'Write ( to begin a group, and \\1 to \\9 for what it has matched.'],
  [/^[a-z]*i[a-z]*(?:-[a-z]*)?[:)]/i, 'has no meaning in one', 'Set "ignore_case" to true instead.'],
  [/^[a-z]*(?:-[a-z]*)?[:)]/i, 'has no meaning in one', 'Leave it out.'],
  [/^/, 'repeats nothing', 'Write (\\? for a parenthesis and a question mark in one group.'],
];

function repeatedNothing({ text, at }: Token, before: Token | undefined, regex: string): Found {
  const kind = 'repeats nothing';
  if (text === '?' && before?.kind === 'open') {
    const rest = regex.slice(at + 1);
    for (const [begin, problem, advice] of GROUPS) {
      const found = begin.exec(rest);
      if (found !== null) return { kind, at: before.at, piece: shown(`(?${found[0]}`), problem, advice };
    }
  }
  return {
    kind,
    at,
    piece: text,
    problem: kind,
    advice: `Write \\${text} for the character itself, .${text} for any.`,
  };
}

/** Repeating a repetition by `*` or an interval is odd, but means the same elsewhere, where it is allowed. */
function repeatedRepetition({ text }: Token, { text: first, at }: Token): Found | undefined {
  if (text !== '?' && text !== '+') return undefined;
  const what = text === '?' ? 'as few as possible' : 'without giving any back';
  return {
    kind: 'repeats a repetition',
    at,
    piece: first + text,
    problem: `repeats a repetition, where other tools repeat ${what}`,
    advice: `Write ${first}, and what ends the repetition as in "[^"]*"; or (…${first})${text} to repeat it.`,
  };
}

/** A class such as [:alpha:], or a backslash and what follows it within the brackets. */
const MEMBER = /\[([.:=]).*?\1\]|\\(.?)/gsu;

/** Within brackets a backslash is a character like any other; `\\` is one, too. */
function inBrackets({ text, at }: Token, regex: string): Found | undefined {
  for (const { index, 2: next } of text.slice(1, -1).matchAll(MEMBER)) {
    if (next === undefined) continue;
    const start = at + 1 + index;
    const mistake = bracketMistake(regex.slice(start), next);
    if (mistake === undefined) continue;
    const [piece, meaning, advice] = mistake;
    const problem = `in brackets is ${meaning}`;
    return { kind: 'backslash in brackets', at: start, piece: shown(piece), problem, advice };
  }
  return undefined;
}

/**
 * @param rest the expression from the backslash on
 * @param next what follows the backslash; empty at the end of the brackets
 */
function bracketMistake(rest: string, next: string): [piece: string, meaning: string, advice: string] | undefined {
  if (next === '' && rest.startsWith('\\]]')) {
    const advice = 'Write ] first, as in []a] or [^]a]; or, for a backslash and then ], write [\\]\\].';
    return ['\\]', 'a backslash and the end of the brackets', advice];
  }
  if (next === '-' && !rest.startsWith('\\-]')) {
    return ['\\-', 'a backslash, where a range begins', 'Write - last for the character itself.'];
  }
  const piece = escapeAt(rest, 0);
  const advice = /^\\[pP]\{/.test(piece) ? `Write ${classOf(piece)} or another class` : BRACKET_ESCAPES[next];
  return advice === undefined ? undefined : [piece, `a backslash or ${next}`, `${advice}; or \\\\ for a backslash.`];
}

/** What can be seen as it is, and anything else by its number. */
function shown(text: string): string {
  return text.replace(/[^\p{L}\p{N}\p{P}\p{S}]/gu, (character) => {
    const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    return `U+${code}`;
  });
}
