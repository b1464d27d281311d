// Corrects regular expressions: Perl syntax that has an equivalent for grep -E, and brackets and
// backslashes that are meant literally.
import type { Edit } from './mistake.js';
import { findRawMistake } from './regex-mistakes.js';
import { intervalOf, type Token, tokensOf } from './regex-tokens.js';

/** Each pass over the expression makes one. */
const MAX_EDITS = 10;
/** Bounds the time: correcting a longer one could block other requests. */
const MAX_LENGTH = 300;
/** Keeps messages short. */
const MAX_SHOWN_LENGTH = 100;
/** RE_DUP_MAX of glibc. */
const MAX_REPETITIONS = 32_767;

/**
 * Returns an expression that grep accepts, without mistakes, and with the meaning of this one where
 * that has any. Returns `undefined` if none is obvious, or there is nothing to correct.
 */
export function correctRegex(regex: string): string | undefined {
  if (regex.length > MAX_LENGTH) return undefined;
  let corrected = regex;
  for (let edits = 0; edits <= MAX_EDITS; edits += 1) {
    const edit = findRawMistake(corrected)?.edit ?? findUnclosed(corrected);
    if (edit === undefined) return corrected !== regex && isAccepted(corrected) ? corrected : undefined;
    const { at, length, text } = edit;
    if (text === undefined || renumbersGroups(corrected, edit)) return undefined;
    corrected = corrected.slice(0, at) + text + corrected.slice(at + length);
  }
  return undefined;
}

/** Escapes a bracket or parenthesis that isn't closed, or a backslash at the end. */
function findUnclosed(regex: string): Edit | undefined {
  const tokens = tokensOf(regex);
  const end = endOf(tokens);
  // The lexer stops at unclosed brackets, and at a trailing backslash.
  if (end < regex.length) {
    const isClassName = /^\[.*\[[.:=]/su.test(regex.slice(end));
    return { at: end, length: 0, text: isClassName ? undefined : '\\' };
  }
  const open: number[] = [];
  for (const { kind, at } of tokens) {
    if (kind === 'open') open.push(at);
    if (kind === 'close') open.pop();
  }
  const at = open.at(-1);
  return at === undefined ? undefined : { at, length: 0, text: '\\' };
}

function endOf(tokens: readonly Token[]): number {
  const last = tokens.at(-1);
  return last === undefined ? 0 : last.at + last.text.length;
}

/** Whether an edit makes references refer to other groups: Perl doesn't count `(?:`. */
function renumbersGroups(regex: string, { at, length, text }: Edit): boolean {
  const addsGroup = text === '(' && regex.startsWith('(?:', at) && length === '(?:'.length;
  return (addsGroup || text === '\\') && tokensOf(regex).some(({ kind }) => kind === 'reference');
}

const CLASSES = /^(?:alnum|alpha|blank|cntrl|digit|graph|lower|print|punct|space|upper|xdigit)$/;

/** Whether grep surely accepts an expression whose brackets are closed. */
function isAccepted(regex: string): boolean {
  let closedGroups = 0;
  for (const { kind, text } of tokensOf(regex)) {
    if (kind === 'close') closedGroups += 1;
    if (kind === 'reference' && Number(text[1]) > closedGroups) return false;
    if (
      kind === 'repeat' &&
      intervalOf(text).some((times) => MAX_REPETITIONS < times && times < Number.POSITIVE_INFINITY)
    )
      return false;
    if (text.startsWith('[') && !areAccepted(text.slice(1, -1))) return false;
  }
  return true;
}

/** @param members the inside of brackets */
function areAccepted(members: string): boolean {
  // grep takes [:space:] for a mistake.
  if (/^:.*:$/.test(members)) return false;
  const withoutClasses = members.replace(/\[:(\w*):\]/g, (text, name) => (CLASSES.test(name) ? '' : text));
  if (/\[[.:=]/.test(withoutClasses)) return false;
  // Whether grep accepts a range of other characters depends on the locale.
  const ranges = withoutClasses.replace(/^\^/, '').matchAll(/(.)-(.)/gsu);
  return [...ranges].every(([, first = '', last = '']) => first <= last && last <= '~');
}

/** Renders a correction as the last sentence of a message. Without one, renders nothing. */
export function renderCorrection(correction: string | undefined): string {
  const isShown = correction !== undefined && correction.length <= MAX_SHOWN_LENGTH;
  return isShown ? ` Try "${correction}".` : '';
}
