// Finds literal strings that every match of a regular expression (grep -E) contains.
import { BRACKETS } from './regex-tokens.js';

/** Stands for arbitrary text in a match. Terms can't contain NUL. */
const BREAK = '\0';

/** The kinds of tokens, in order of precedence. */
const TOKEN = new RegExp(
  [
    String.raw`(?<assertion>[$^]|\\[bB<>'${'`'}])`,
    String.raw`(?<repeat>[*+?]|\{(?:\d+(?:,\d*)?|,\d+)\})`,
    String.raw`(?<open>\()`,
    String.raw`(?<close>\))`,
    String.raw`(?<or>\|)`,
    // A backslash makes punctuation literal. Before other characters it has, or may get, a meaning.
    String.raw`\\(?<quoted>[!-&(-/:;=?@[-_{-~])`,
    String.raw`(?<any>\.|\\.|${BRACKETS})`,
    // Excludes a { that begins no interval: whether it is literal depends on grep's version.
    String.raw`(?<plain>[^[\\{])`,
  ].join('|'),
  // s: U+2028 and U+2029 are ordinary characters.
  'suy',
);

/** Repetitions that also match nothing. */
const OPTIONAL = /^(?:[*?]|\{0*[,}])/;

/** Bounds the growth caused by nested repeated groups. */
const MAX_DOUBLED_LENGTH = 32;

/** The whole expression, or a group. */
interface Level {
  /** The literals so far, without `atom`. */
  text: string;
  /** The literals of the last part, which a following repetition would repeat. */
  atom: string | undefined;
  hasAlternatives: boolean;
}

/**
 * Returns strings that every match contains; some may be empty or parts of others. Returns none if
 * the expression has alternatives at the top level, or if it isn't certain how grep reads it, as
 * with a repetition of nothing.
 */
export function findLiterals(regex: string): string[] {
  const outer: Level[] = [];
  let level = newLevel();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < regex.length) {
    const token = TOKEN.exec(regex)?.groups;
    if (token === undefined) return [];
    const text = token.plain ?? token.quoted ?? (token.any && BREAK);
    if (text !== undefined) {
      append(level, text);
    } else if (token.assertion !== undefined) {
      append(level, BREAK);
      finishAtom(level);
    } else if (token.repeat !== undefined) {
      if (level.atom === undefined) return [];
      if (OPTIONAL.test(token.repeat)) level.atom = BREAK;
      else level.atom = repeatAtom(level.atom);
      finishAtom(level);
    } else if (token.or !== undefined) {
      level = { ...newLevel(), hasAlternatives: true };
    } else if (token.open !== undefined) {
      outer.push(level);
      level = newLevel();
    } else {
      const group = textOf(level);
      const around = outer.pop();
      if (group === '' || around === undefined) return [];
      append(around, group);
      level = around;
    }
  }
  return outer.length > 0 ? [] : textOf(level).split(BREAK);
}

const newLevel = (): Level => ({ text: '', atom: undefined, hasAlternatives: false });

function append(level: Level, atom: string): void {
  finishAtom(level);
  level.atom = atom;
}

/** After this, a repetition can no longer apply to the last part. */
function finishAtom(level: Level): void {
  level.text += level.atom ?? '';
  level.atom = undefined;
}

/**
 * Repeats at least once: the text before is adjacent to the first copy, the text after to the last.
 */
function repeatAtom(atom: string): string {
  return atom.length > MAX_DOUBLED_LENGTH ? atom + BREAK : atom + BREAK + atom;
}

function textOf({ text, atom, hasAlternatives }: Level): string {
  return hasAlternatives ? BREAK : text + (atom ?? '');
}
