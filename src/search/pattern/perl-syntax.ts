// Perl syntax that grep -E lacks, and what to write instead.

export interface Instead {
  /** A sentence, or its beginning. */
  advice: string;
  /** What has the same meaning for grep. `undefined` if nothing obvious has. */
  replacement?: string | undefined;
}

const NO_LINE_BREAK =
  'Lines are searched one by one, so none has a line break: write ^ for its start and $ for its end.';
const ITSELF = 'Write the character itself.';
const NO_EQUIVALENT = 'grep has no equivalent.';
const QUOTE = 'Write \\ before each special character, or set "syntax" to "literal".';
const REFERENCE = 'Write \\1 to \\9 for what a group has matched.';
const END: Instead = { advice: 'Write $ for the end of the line.', replacement: '$' };

/** A backslash and this letter. */
const ESCAPES: Record<string, Instead> = {
  d: { advice: 'Write [0-9] for a digit.', replacement: '[0-9]' },
  D: { advice: 'Write [^0-9] for anything but a digit.', replacement: '[^0-9]' },
  h: { advice: 'Write [[:blank:]] for a space or tab.', replacement: '[[:blank:]]' },
  H: { advice: 'Write [^[:blank:]] for anything but a space or tab.', replacement: '[^[:blank:]]' },
  N: { advice: 'Write . for any character.', replacement: '.' },
  t: { advice: 'Write the tab character itself.', replacement: '\t' },
  n: { advice: NO_LINE_BREAK },
  r: { advice: NO_LINE_BREAK },
  R: { advice: NO_LINE_BREAK },
  A: { advice: 'Write ^ for the start of the line.', replacement: '^' },
  z: END,
  Z: END,
  Q: { advice: QUOTE },
  E: { advice: QUOTE },
  g: { advice: REFERENCE },
  k: { advice: REFERENCE },
  K: { advice: NO_EQUIVALENT },
  G: { advice: NO_EQUIVALENT },
  X: { advice: NO_EQUIVALENT },
  a: { advice: ITSELF },
  c: { advice: ITSELF },
  e: { advice: ITSELF },
  f: { advice: ITSELF },
  o: { advice: ITSELF },
  u: { advice: ITSELF },
  v: { advice: ITSELF },
  x: { advice: ITSELF },
  0: { advice: ITSELF },
};

/** A backslash and this letter in brackets, where they are two characters. */
export const BRACKET_ESCAPES: Record<string, Instead> = {
  d: { advice: 'Write 0-9 for a digit', replacement: '0-9' },
  w: { advice: 'Write [:alnum:]_ for a character of a word', replacement: '[:alnum:]_' },
  s: { advice: 'Write [:space:] for white space', replacement: '[:space:]' },
  h: { advice: 'Write [:blank:] for a space or tab', replacement: '[:blank:]' },
  D: { advice: 'Write (…|[^0-9]) for anything but a digit' },
  W: { advice: 'Write (…|\\W) for anything but a character of a word' },
  S: { advice: 'Write (…|\\S) for anything but white space' },
  H: { advice: 'Write (…|[^[:blank:]]) for anything but a space or tab' },
  t: { advice: 'Write the tab character itself', replacement: '\t' },
  n: { advice: 'No line has a line break in it: leave it out', replacement: '' },
  r: { advice: 'No line has a line break in it: leave it out', replacement: '' },
};

/** POSIX classes for Unicode properties. */
const CLASSES: Record<string, string> = {
  l: 'alpha',
  letter: 'alpha',
  alphabetic: 'alpha',
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

/** Returns what to write instead of an escape sequence, or `undefined` for a character itself. */
export function insteadOf(sequence: string): Instead | undefined {
  const [letter = ''] = sequence.slice(1);
  if (/p/i.test(letter)) {
    const [open, { advice, replacement }] = [letter === 'P' ? '[^' : '[', insteadOfProperty(sequence)];
    return {
      advice: `Write ${open}${advice}] or another class.`,
      replacement: replacement === undefined ? undefined : `${open}${replacement}]`,
    };
  }
  const [, code] = /^\\(?:x|u)\{?([0-9a-f]{2,6})\}?$/i.exec(sequence) ?? [];
  if (code !== undefined) return { advice: ITSELF, replacement: characterOf(Number.parseInt(code, 16)) };
  const [, group] = /^\\g\{([1-9])\}$/.exec(sequence) ?? [];
  if (group !== undefined) return { advice: REFERENCE, replacement: `\\${group}` };
  if (/[\p{L}\p{N}]/u.test(letter)) return ESCAPES[letter];
  return undefined;
}

/** Returns the POSIX class of a Unicode property: a similar one, or letters if there is none. */
export function insteadOfProperty(sequence: string): Instead {
  const name = CLASSES[sequence.slice(2).replace(/[{}^]/g, '').toLowerCase()];
  const isNegated = sequence.includes('^');
  const replacement = name === undefined || isNegated ? undefined : `[:${name}:]`;
  return { advice: `[:${name ?? 'alpha'}:]`, replacement };
}

function characterOf(code: number): string | undefined {
  const text = code <= 0x10_ff_ff ? String.fromCodePoint(code) : '';
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}]$/u.test(text) ? escapeSpecial(text) : undefined;
}

/** Returns a regular expression that matches the text. */
export function escapeSpecial(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

interface GroupSyntax extends Instead {
  /** What follows `(?`. */
  start: RegExp;
  problem: string;
}

const NO_MEANING = 'has no meaning in one';

/** Groups that begin with `(?`. */
export const GROUPS: readonly GroupSyntax[] = [
  { start: /^:/, problem: NO_MEANING, advice: 'Write ( to begin a group.', replacement: '(' },
  { start: /^<?[=!]/, problem: NO_MEANING, advice: "grep can't look ahead or behind: leave it out." },
  {
    start: /^(?:P?<\w*>|'\w*')/,
    problem: NO_MEANING,
    advice: 'Write ( to begin a group, and \\1 to \\9 for what it has matched.',
    replacement: '(',
  },
  {
    start: /^[a-z]*i[a-z]*(?:-[a-z]*)?[:)]/i,
    problem: NO_MEANING,
    advice: 'Set "ignore_case" to true instead.',
  },
  { start: /^[ms]+\)/, problem: NO_MEANING, advice: 'Leave it out.', replacement: '' },
  { start: /^[a-z]*(?:-[a-z]*)?[:)]/i, problem: NO_MEANING, advice: 'Leave it out.' },
  // Other groups of Perl, which aren't a parenthesis and a question mark.
  {
    start: /^(?=[>#|&+\-\dR])/,
    problem: 'repeats nothing',
    advice: 'Write (\\? for a parenthesis and a question mark in one group.',
  },
  {
    start: /^/,
    problem: 'repeats nothing',
    advice: 'Write (\\? for a parenthesis and a question mark in one group.',
    replacement: '(\\?',
  },
];
