// Advice on texts that aren't in UTF-8 and declare no encoding, so that not all in them can match.
import { basename } from 'node:path';
import { isCompressed, withGzipSuffix, withoutGzipSuffix } from './compressed.js';
import { findEncoding } from './encodings.js';

/**
 * Describes the problem of a file and what to do, as the end of a sentence about it.
 *
 * @param guess the name of its encoding, if there is a good guess
 */
export function encodingAdvice(path: string, guess: string | undefined): string {
  if (guess === undefined) return "isn't valid UTF-8: some characters won't match; convert it to UTF-8";
  const encoding = findEncoding(guess);
  if (encoding === undefined) {
    return `looks like ${guess}: most letters won't match; ${convert(path, guess)}`;
  }
  const { name, label, unmatched } = encoding;
  const mark = name.startsWith('utf-16') ? ' without a byte order mark' : '';
  const advice = `rename it to ${declaringName(basename(path), name)}, or ${convert(path, name)}`;
  return `looks like ${label}${mark}: ${unmatched} won't match; ${advice}`;
}

function declaringName(name: string, suffix: string): string {
  return isCompressed(name) ? withGzipSuffix(`${withoutGzipSuffix(name)}.${suffix}`) : `${name}.${suffix}`;
}

function convert(path: string, encoding: string): string {
  const iconv = `iconv -f ${encoding.toLowerCase()} -t utf8`;
  return isCompressed(path) ? `decompress it and convert it with \`${iconv}\`` : `convert it with \`${iconv}\``;
}
