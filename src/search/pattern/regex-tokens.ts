// Splits a regular expression into tokens like grep -E (the lexer of gnulib's dfa.c; POSIX.1-2017,
// 9.4).

export interface Token {
  /**
   * A `set` matches one of several characters: `.`, brackets, `\w`. An `assertion` matches a
   * position. A `stray` backslash precedes a character to which it gives no meaning.
   */
  kind: 'character' | 'set' | 'reference' | 'assertion' | 'stray' | 'repeat' | 'open' | 'close' | 'or';
  text: string;
  /** The index of its start in the expression, in UTF-16 code units. */
  at: number;
  /**
   * Whether nothing that could be repeated precedes it: it begins the expression, a group or an
   * alternative, or follows an assertion that does.
   */
  isAtStart: boolean;
}

/** A `]` at the start, or inside `[: :]`, `[= =]` or `[. .]`, doesn't close the brackets. */
export const BRACKETS = (() => {
  const begin = String.raw`\[(?:\^?\]|\^(?!\])|(?!\^?\]))`;
  const named = String.raw`\[(?<named>[.:=])(?:(?!\k<named>\]).)*\k<named>\]`;
  return String.raw`${begin}(?:${named}|(?!\[[.:=])[^\]])*\]`;
})();

/** The kinds of tokens, in order of precedence. */
const TOKEN = new RegExp(
  [
    String.raw`(?<assertion>[$^]|\\[bB<>'${'`'}])`,
    String.raw`(?<repeat>[*+?]|\{(?:\d+(?:,\d*)?|,\d*)\})`,
    String.raw`(?<open>\()`,
    String.raw`(?<close>\))`,
    String.raw`(?<or>\|)`,
    String.raw`(?<set>\.|\\[wWsS]|${BRACKETS})`,
    String.raw`(?<reference>\\[1-9])`,
    // POSIX leaves \] and \} undefined, but grep takes them literally without a warning.
    String.raw`(?<character>[^[\\]|\\[$^.*+?()[\]{}|\\])`,
    String.raw`(?<stray>\\.)`,
  ].join('|'),
  // s: U+2028 and U+2029 are ordinary characters.
  'suy',
);

/** Stops at unclosed brackets and at a trailing backslash, which grep rejects. */
export function tokensOf(regex: string): Token[] {
  const tokens: Token[] = [];
  let depth = 0;
  let isAtStart = true;
  for (TOKEN.lastIndex = 0; TOKEN.lastIndex < regex.length; ) {
    const at = TOKEN.lastIndex;
    const groups = TOKEN.exec(regex)?.groups;
    if (groups === undefined) break;
    const token = { kind: kindOf(groups, depth), text: regex.slice(at, TOKEN.lastIndex), at, isAtStart };
    // An invalid interval is a literal brace and the characters after it.
    if (token.kind === 'character' && groups.repeat !== undefined) {
      token.text = '{';
      TOKEN.lastIndex = at + 1;
    }
    tokens.push(token);
    if (token.kind === 'open') depth += 1;
    if (token.kind === 'close') depth -= 1;
    if (token.kind === 'open' || token.kind === 'or') isAtStart = true;
    // As in dfa.c, a token after `*` at the start is still at the start; after an interval, not.
    else if (token.kind !== 'assertion' && !/^[*+?]$/.test(token.text)) isAtStart = false;
  }
  return tokens;
}

function kindOf(groups: Record<string, string | undefined>, depth: number): Token['kind'] {
  if (groups.close !== undefined && depth === 0) return 'character';
  if (groups.repeat !== undefined) {
    const [min, max] = intervalOf(groups.repeat);
    return min <= max ? 'repeat' : 'character';
  }
  const [kind] = Object.entries(groups).find(([name, text]) => name !== 'named' && text !== undefined) ?? ['character'];
  return kind as Token['kind'];
}

/** Returns the minimum and maximum number of repetitions. */
export function intervalOf(repeat: string): [min: number, max: number] {
  if (repeat === '*') return [0, Number.POSITIVE_INFINITY];
  if (repeat === '+') return [1, Number.POSITIVE_INFINITY];
  if (repeat === '?') return [0, 1];
  const [min = '', max = min] = repeat.slice(1, -1).split(',');
  return [Number(min), max === '' ? Number.POSITIVE_INFINITY : Number(max)];
}
