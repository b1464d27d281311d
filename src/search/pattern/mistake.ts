// What mistakes in regular expressions have in common.

export interface RawMistake {
  /** GNU grep 3.8 and newer warn about the first two kinds, and silently misread the others. */
  kind: 'stray backslash' | 'repeats nothing' | 'repeats a repetition' | 'backslash in brackets';
  /** The index of the fragment in the expression, in UTF-16 code units. */
  at: number;
  /** The part of the expression that is wrong, in printable form. */
  fragment: string;
  /** Completes the sentence that the fragment begins. */
  problem: string;
  /** A sentence that says what to write instead. */
  advice: string;
  edit: Edit;
}

/** Replaces a part of an expression, in UTF-16 code units. */
export interface Edit {
  at: number;
  length: number;
  /** What the author means. `undefined` if that isn't obvious. */
  text: string | undefined;
}

/** An escape sequence in Perl. */
export const ESCAPE_SEQUENCE =
  /\\(?:[pPxuoN]\{[^{}]{0,20}\}|[kg](?:\{[^{}]{0,20}\}|<[^<>]{0,20}>)|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[pPc]\w|.)/suy;

/** Replaces invisible characters by their code points. */
export function printable(text: string): string {
  return text.replace(/[^\p{L}\p{N}\p{P}\p{S}]/gu, (character) => {
    const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    return `U+${code}`;
  });
}
