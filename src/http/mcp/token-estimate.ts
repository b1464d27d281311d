// Estimates how many tokens of a language model a text takes. Tokenizers differ, so the estimate
// errs on the high side: prose really has about four characters per token.

/** Quarters of a token. Punctuation and digits share few tokens, and other scripts even fewer. */
const WORD_CHARACTER = 1;
const OTHER_ASCII = 2;
const NON_ASCII = 4;

export function estimateTokens(text: string): number {
  let quarters = 0;
  for (let at = 0; at < text.length; at += 1) quarters += weightOf(text.charCodeAt(at));
  return Math.ceil(quarters / 4);
}

/** Returns how many UTF-16 code units of a text, from an offset on, take at most so many tokens. */
export function lengthWithin(text: string, tokens: number, from = 0): number {
  let quarters = 0;
  let at = from;
  for (; at < text.length; at += 1) {
    quarters += weightOf(text.charCodeAt(at));
    if (quarters > tokens * 4) break;
  }
  return at - from;
}

function weightOf(code: number): number {
  if (code > 0x7f) return NON_ASCII;
  const isLetter = (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a);
  return isLetter || code === 0x20 ? WORD_CHARACTER : OTHER_ASCII;
}
