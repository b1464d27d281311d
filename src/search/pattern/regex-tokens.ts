// The tokens of a regular expression as grep -E reads it (the lexer of gnulib's dfa.c, POSIX.1-2017 section 9.4).

export interface Token {
  /**
   * A `set` is anything but a given character: `.`, brackets, `\w`. An `assertion` matches nothing, at some places only. A `stray`
   * backslash stands before a character that it gives no meaning. A `repeat` at the start of an expression repeats nothing.
   */
  kind: 'character' | 'set' | 'reference' | 'assertion' | 'stray' | 'repeat' | 'open' | 'close' | 'or';
  text: string;
  /** Where it begins in the expression, in UTF-16 code units. */
  at: number;
  /** Whether nothing to repeat stands before it: it begins the expression, a group or an alternative, or follows an assertion that does. */
  isAtStart: boolean;
}

/** A `]` at the very beginning is a member, and so is one within a class, an equivalence class or a collating symbol. */
const BRACKETS = (() => {
  const begin = String.raw`\[(?:\^?\]|\^(?!\])|(?!\^?\]))`;
  const named = String.raw`\[(?<named>[.:=])(?:(?!\k<named>\]).)*\k<named>\]`;
  return String.raw`${begin}(?:${named}|(?!\[[.:=])[^\]])*\]`;
})();

/** A kind of token a line, in the order in which they are tried. */
const TOKEN = new RegExp(
  [
    String.raw`(?<assertion>[$^]|\\[bB<>'${'`'}])`,
    String.raw`(?<repeat>[*+?]|\{(?:\d+(?:,\d*)?|,\d*)\})`,
    String.raw`(?<open>\()`,
    String.raw`(?<close>\))`,
    String.raw`(?<or>\|)`,
    String.raw`(?<set>\.|\\[wWsS]|${BRACKETS})`,
    String.raw`(?<reference>\\[1-9])`,
    // POSIX leaves \] and \} undefined, too, but grep takes them for the characters without a warning.
    String.raw`(?<character>[^[\\]|\\[$^.*+?()[\]{}|\\])`,
    String.raw`(?<stray>\\.)`,
  ].join('|'),
  // s: a line break of Unicode is a character like any other.
  'suy',
);

/** Ends early at brackets without an end and at a trailing backslash, which grep rejects. */
export function tokensOf(regex: string): Token[] {
  const tokens: Token[] = [];
  let depth = 0;
  let isAtStart = true;
  for (TOKEN.lastIndex = 0; TOKEN.lastIndex < regex.length; ) {
    const at = TOKEN.lastIndex;
    const groups = TOKEN.exec(regex)?.groups;
    if (groups === undefined) break;
    const token = { kind: kindOf(groups, depth), text: regex.slice(at, TOKEN.lastIndex), at, isAtStart };
    // An interval that is none is a brace, and the characters behind it.
    if (token.kind === 'character' && groups.repeat !== undefined) {
      token.text = '{';
      TOKEN.lastIndex = at + 1;
    }
    tokens.push(token);
    if (token.kind === 'open') depth += 1;
    if (token.kind === 'close') depth -= 1;
    if (token.kind === 'open' || token.kind === 'or') isAtStart = true;
    // As in dfa.c: what follows `*` at the start is still at the start, what follows an interval there is not.
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

/** How often a repetition repeats, at least and at most. */
export function intervalOf(repeat: string): [min: number, max: number] {
  if (repeat === '*') return [0, Number.POSITIVE_INFINITY];
  if (repeat === '+') return [1, Number.POSITIVE_INFINITY];
  if (repeat === '?') return [0, 1];
  const [min = '', max = min] = repeat.slice(1, -1).split(',');
  return [Number(min), max === '' ? Number.POSITIVE_INFINITY : Number(max)];
}
