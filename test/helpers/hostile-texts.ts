// Texts that try hard to be read wrongly: blank and long lines, invalid UTF-8, NUL, all line ends.
import { randomNumbers } from '../bench/words.js';

// Words with the same letters in several forms. If they repeat, blocks can be smaller.
export const WORDS = [
  ...['foo', 'bar', 'fooo', 'ab', 'abc', 'The', 'the', 'needle', 'xyzzy', 'end', '%', 'aaaa', 'aaaaaaaa'],
  ...['ſtraße', 'STRASSE', 'straẞe', '\u212aelvin', 'Kelvin', 'kelvin', 'İstanbul', 'istanbul', 'ISTANBUL', 'ı'],
  ...['žluťoučký', 'ŽLUŤOUČKÝ', 'café', 'CAFÉ', 'cafe\u0301', 'αβς', 'ΑΒΣ', 'αβσ', '日本語', 'µm', 'μm', 'Ⱥⱥ', 'ⱥȺ'],
  ...['\u{10400}deseret', '\u{10428}DESERET', '😀', '\ufeff', '\ufffd', '\u2028'],
];
/** Invalid UTF-8, control characters and blanks, one character per byte. */
const BYTES = ['\xff', '\xc3', '\xe6\x97', '\xf0\x9f', '\xc0\xaf', '\xed\xa0\x80', '\0', '\r', '\t', '  ', '\x1b[m'];

/** Once in a while, a line has this many characters or words. */
const LONG_LINE = 1_000;

export type Random = ReturnType<typeof generator>;

export function generator(seed: number) {
  const random = randomNumbers(seed);
  const below = (end: number) => Math.floor(random() * end);
  const pick = <Value>(values: readonly Value[]) => values[below(values.length)] as Value;
  return { below, pick, chance: (share: number) => random() < share };
}

export function createText(random: Random, maxLines = 150, longLine = LONG_LINE): Buffer {
  const lines = Math.min(maxLines, random.pick([0, 1, 20, 200, 500, 500]));
  const lineEnd = random.pick(['\n', '\n', '\n', '\r\n']);
  const isFortune = random.chance(0.3);
  // Most words are rare in it, so that there is something to prune.
  const common = [random.pick(WORDS), random.pick(WORDS), random.pick(WORDS)];
  let text = random.chance(0.1) ? latin1('\ufeff') : '';
  for (let line = 0; line < lines; line += 1) {
    text += isFortune && random.chance(0.15) ? '%' : createLine(random, common, longLine);
    if (line < lines - 1 || random.chance(0.7)) text += random.chance(0.05) ? '\r\n' : lineEnd;
  }
  return Buffer.from(text, 'latin1');
}

function createLine(random: Random, common: readonly string[], longLine: number): string {
  if (random.chance(0.02)) return random.pick(['  \t', '%', ' '.repeat(200), `${' '.repeat(200)}foo`]);
  if (random.chance(0.0005)) return random.pick(['x', ' ', 'foo ']).repeat(longLine);
  const words = random.pick([0, 0, 1, 1, 1, 2, 3, 5, 8, 30]);
  let line = '';
  for (let word = 0; word < words; word += 1) {
    if (word > 0) line += random.pick([' ', ' ', '-', '']);
    line += random.chance(0.05) ? random.pick(BYTES) : latin1(random.pick(random.chance(0.06) ? WORDS : common));
  }
  return line;
}

/** Encodes as UTF-8, one character per byte. */
const latin1 = (text: string) => Buffer.from(text).toString('latin1');
