// The character encodings that a text can declare by a suffix of its name, as in `faust.txt.latin1`.
import { isCompressed, withGzipSuffix, withoutGzipSuffix } from './compressed.js';

export interface Encoding {
  /** The suffix, which is also a name that iconv(1) and iconv-lite know. */
  name: string;
  /** The name for people. */
  label: string;
  /** What doesn't match in a text that is read as UTF-8 instead. */
  unmatched: string;
  /** Whether it is for languages that are written in Latin letters. */
  isLatin: boolean;
}

const ACCENTED = 'accented letters';
const MOST = 'most letters';

function encoding(name: string, label: string, unmatched: string): Encoding {
  return { name, label, unmatched, isLatin: unmatched === ACCENTED };
}

/** In the order in which a request that omits the suffix finds them. */
export const ENCODINGS: readonly Encoding[] = [
  encoding('utf-16le', 'UTF-16LE', 'words'),
  encoding('utf-16be', 'UTF-16BE', 'words'),
  encoding('latin1', 'Latin-1', ACCENTED),
  encoding('iso-8859-2', 'ISO-8859-2', ACCENTED),
  encoding('iso-8859-5', 'ISO-8859-5', MOST),
  encoding('iso-8859-7', 'ISO-8859-7', MOST),
  encoding('iso-8859-9', 'ISO-8859-9', ACCENTED),
  encoding('iso-8859-15', 'ISO-8859-15', ACCENTED),
  encoding('windows-1250', 'Windows-1250', ACCENTED),
  encoding('windows-1251', 'Windows-1251', MOST),
  encoding('windows-1252', 'Windows-1252', ACCENTED),
  encoding('windows-1253', 'Windows-1253', MOST),
  encoding('windows-1254', 'Windows-1254', ACCENTED),
  encoding('windows-1255', 'Windows-1255', MOST),
  encoding('windows-1256', 'Windows-1256', MOST),
  encoding('windows-1257', 'Windows-1257', ACCENTED),
  encoding('windows-1258', 'Windows-1258', ACCENTED),
  encoding('koi8-r', 'KOI8-R', MOST),
  encoding('koi8-u', 'KOI8-U', MOST),
  encoding('shift_jis', 'Shift_JIS', MOST),
  encoding('euc-jp', 'EUC-JP', MOST),
  encoding('gb18030', 'GB18030', MOST),
  encoding('gbk', 'GBK', MOST),
  encoding('big5', 'Big5', MOST),
  encoding('euc-kr', 'EUC-KR', MOST),
];

/** Other suffixes for the same encodings. */
const ALIASES = [['iso-8859-1', 'latin1']] as const;

const byName = new Map(ENCODINGS.map((each) => [each.name, each]));
for (const [alias, name] of ALIASES) byName.set(alias, byName.get(name) as Encoding);

/** Returns `undefined` if no text can declare the encoding. Ignores case. */
export function findEncoding(name: string): Encoding | undefined {
  return byName.get(name.toLowerCase());
}

/** The last characters of the suffixes: most names, as `a.txt`, end with another one. */
const lastCharacters = new Set([...byName.keys()].map((name) => name.charCodeAt(name.length - 1)));

/** Returns the encoding that the name of a file declares, if any. */
export function declaredEncoding(path: string): Encoding | undefined {
  const name = isCompressed(path) ? withoutGzipSuffix(path) : path;
  // Searches of large folders ask this of each file.
  if (!lastCharacters.has(name.charCodeAt(name.length - 1))) return undefined;
  // Like that of compressed files, the suffix is lower-case, and follows a name.
  const dot = name.lastIndexOf('.');
  return dot <= name.lastIndexOf('/') + 1 ? undefined : byName.get(name.slice(dot + 1));
}

const SUFFIXES = [
  withGzipSuffix(''),
  ...[...byName.keys()].flatMap((name) => [`.${name}`, withGzipSuffix(`.${name}`)]),
];

/** Returns the files that `name` can refer to if there is no file `name` itself, in order. */
export function namesWithSuffix(name: string): string[] {
  return SUFFIXES.map((suffix) => name + suffix);
}
