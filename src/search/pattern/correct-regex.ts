// Corrects regular expressions: Perl syntax that has an equivalent for grep -E, and special
// characters that are meant literally.
import { findRawMistake } from './regex-mistakes.js';
import { tokensOf } from './regex-tokens.js';

/** Each correction removes one mistake. */
const MAX_CORRECTIONS = 20;
/** Keeps messages short. */
const MAX_SHOWN_LENGTH = 100;

/**
 * Returns a similar expression without mistakes and with balanced brackets, or `undefined` if there
 * is no obvious one.
 */
export function correctRegex(regex: string): string | undefined {
  let corrected = regex;
  for (let corrections = 0; corrections < MAX_CORRECTIONS; corrections += 1) {
    const mistake = findRawMistake(corrected);
    if (mistake === undefined) {
      const balanced = balance(corrected);
      return balanced === regex ? undefined : balanced;
    }
    const { at, length, replacement } = mistake;
    if (replacement === undefined) return undefined;
    corrected = corrected.slice(0, at) + replacement + corrected.slice(at + length);
  }
  return undefined;
}

/** Escapes brackets and parentheses that aren't closed, and a backslash at the end. */
function balance(regex: string): string {
  const tokens = tokensOf(regex);
  const last = tokens.at(-1);
  const end = last === undefined ? 0 : last.at + last.text.length;
  if (end < regex.length) {
    // The lexer stops at unclosed brackets, and at a trailing backslash.
    return balance(`${regex.slice(0, end)}\\${regex.slice(end)}`);
  }
  const open: number[] = [];
  for (const { kind, at } of tokens) {
    if (kind === 'open') open.push(at);
    if (kind === 'close') open.pop();
  }
  const unclosed = open.at(-1);
  return unclosed === undefined ? regex : balance(`${regex.slice(0, unclosed)}\\${regex.slice(unclosed)}`);
}

/** Renders a correction as the last sentence of a message. Without one, renders nothing. */
export function renderCorrection(correction: string | undefined): string {
  const isShown = correction !== undefined && correction.length <= MAX_SHOWN_LENGTH;
  return isShown ? ` Try "${correction}".` : '';
}
