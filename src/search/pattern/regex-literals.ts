// What the matches of a regular expression of grep -E have in common, as far as that is sure.

/** Stands where a match may hold anything. No term holds it. */
const BREAK = '\0';

/** A kind of token a line, in the order in which they are tried. */
const TOKEN = new RegExp(
  [
    String.raw`(?<place>[$^]|\\[bB<>'${'`'}])`,
    String.raw`(?<repeat>[*+?]|\{(?:\d+(?:,\d*)?|,\d+)\})`,
    String.raw`(?<open>\()`,
    String.raw`(?<close>\))`,
    String.raw`(?<choice>\|)`,
    // A backslash makes a punctuation character stand for itself. Before others it has a meaning, or had none until now.
    String.raw`\\(?<quoted>[!-&(-/:;=?@[-_{-~])`,
    String.raw`(?<any>\.|\\.|${bracket()})`,
    // Not a { that begins no interval, which grep takes for itself with some versions and in some places only.
    String.raw`(?<plain>[^[\\{])`,
  ].join('|'),
  // s: a line break of Unicode is a character like any other.
  'suy',
);

/** A ] at the very beginning is a member, and so is one within a class, an equivalence class or a collating symbol. */
function bracket(): string {
  const begin = String.raw`\[(?:\^?\]|\^(?!\])|(?!\^?\]))`;
  const named = String.raw`\[(?<kind>[.:=])(?:(?!\k<kind>\]).)*\k<kind>\]`;
  return String.raw`${begin}(?:${named}|(?!\[[.:=])[^\]])*\]`;
}

/** What may stand for nothing at all. */
const OPTIONAL = /^(?:[*?]|\{0*[,}])/;

/** Repeated groups within one another would become too many. */
const LONGEST_DOUBLED = 32;

/** The whole expression or a group of it. */
interface Level {
  /** What is read of it but for `atom`. */
  text: string;
  /** What a repetition that comes next repeats. */
  atom: string | undefined;
  hasChoice: boolean;
}

/**
 * Strings that each match holds; some may be empty or parts of others. None where there is a choice at the top, and where it is not
 * sure how grep reads the expression, as with a repetition of nothing or of a repetition.
 */
export function runsOf(regex: string): string[] {
  const outer: Level[] = [];
  let level = newLevel();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < regex.length) {
    const token = TOKEN.exec(regex)?.groups;
    if (token === undefined) return [];
    const text = token.plain ?? token.quoted ?? (token.any && BREAK);
    if (text !== undefined) {
      append(level, text);
    } else if (token.place !== undefined) {
      append(level, BREAK);
      end(level);
    } else if (token.repeat !== undefined) {
      if (level.atom === undefined) return [];
      if (OPTIONAL.test(token.repeat)) level.atom = BREAK;
      else level.atom = repeated(level.atom);
      end(level);
    } else if (token.choice !== undefined) {
      level = { ...newLevel(), hasChoice: true };
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

const newLevel = (): Level => ({ text: '', atom: undefined, hasChoice: false });

function append(level: Level, atom: string): void {
  end(level);
  level.atom = atom;
}

/** What is read so far can't be repeated any more. */
function end(level: Level): void {
  level.text += level.atom ?? '';
  level.atom = undefined;
}

/** At least once: what comes before stands beside the first one, what comes after beside the last. */
function repeated(atom: string): string {
  return atom.length > LONGEST_DOUBLED ? atom + BREAK : atom + BREAK + atom;
}

function textOf({ text, atom, hasChoice }: Level): string {
  return hasChoice ? BREAK : text + (atom ?? '');
}
