// Which patterns must not see the `\r` of `\r\n`.
import type { LineEnd } from '../../entries/lines.js';
import type { Pattern } from '../../grep/run-grep.js';

/**
 * Whether a `\r` at the end of a line may affect the matches of a pattern or of its conditions.
 * Only a regular expression with anchors, classes, escapes or control characters can be affected.
 */
export function isCrSensitive({ isRegex, terms, conditions = [] }: Pattern): boolean {
  if (isRegex && terms.some((term) => /[.$[\\\p{Cc}]/u.test(term))) return true;
  return conditions.some(({ patterns }) => patterns.some(isCrSensitive));
}

/** CR-sensitive patterns search texts without the `\r` of `\r\n`, others search them unchanged. */
export function lineEndOf(pattern: Pattern): LineEnd {
  return isCrSensitive(pattern) ? 'lf' : 'lf or crlf';
}
