// Generators of texts and terms for generated queries.
import fc from 'fast-check';

// Words with the same letters in several forms, and text that could be mistaken for something else.
export const WORDS = [
  'a',
  'b',
  'ab',
  'aab',
  'love',
  'Love',
  'LOVE',
  'lover',
  'x',
  '0',
  '12',
  '_',
  ' ',
  '  ',
  '\t',
  '.',
  '-',
  '--',
];
const LETTERS = [
  'é',
  'É',
  'e\u0301',
  'ſ',
  's',
  'S',
  'K',
  'k',
  'K',
  'İ',
  'I',
  'i',
  'ı',
  'ß',
  'ẞ',
  'σ',
  'ς',
  'Σ',
  'µ',
  'μ',
  'Å',
  'å',
  'ǆ',
  'ǅ',
  'Ǆ',
];
const OTHERS = ['愛', '愛情', '😀', '👩\u200d👩', '\u00a0', '\u2028', '\u0085', 'ж', 'Ж', '\ufeff', '\ufffd'];
const TRAPS = [
  '%',
  '*',
  '$',
  '^',
  '\\',
  '[',
  ']',
  '(',
  ')',
  '{',
  '}',
  '|',
  '"',
  "'",
  '<',
  '&',
  '1:',
  '2-',
  '\x1b[m',
  '\x1b[K',
  '\x01',
];
// Invalid UTF-8 and control characters, one character per byte. Only for texts, since terms are
// valid.
const BYTES = ['\xff', '\xe2\x82', '\xc3', '\x80', '\xf0\x9f', '\xed\xa0\x80', '\xc0\xaf', '\0', '\r'];

/** A piece of a text or of a term. */
export const anyText = fc.constantFrom(...WORDS, ...LETTERS, ...OTHERS, ...TRAPS);
/** Encodes as UTF-8, one character per byte. */
export const utf8 = (text: string) => Buffer.from(text).toString('latin1');

/** A line, one character per byte. */
export const line = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom('', '%', ' ', '--', '%%') },
  {
    weight: 10,
    arbitrary: fc
      .array(
        fc.oneof({ weight: 8, arbitrary: anyText.map(utf8) }, { weight: 1, arbitrary: fc.constantFrom(...BYTES) }),
        { maxLength: 8 },
      )
      .map((parts) => parts.join('')),
  },
);

/**
 * The start of a text: nothing, a byte order mark, one followed by U+FEFF as text, or part of one.
 */
const marks = ['', '', '', utf8('\ufeff'), utf8('\ufeff\ufeff'), '\xef\xbb'];

/** A text. */
export const bytes = fc
  .record({
    mark: fc.constantFrom(...marks),
    lines: fc.array(line, { maxLength: 12 }),
    ends: fc.constantFrom(['\n'], ['\r\n'], ['\n', '\r\n']),
    last: fc.boolean(),
  })
  .map(({ mark, lines, ends, last }) => {
    const text = mark + lines.map((each, at) => each + (ends[at % ends.length] as string)).join('');
    return Buffer.from(last ? text : text.replace(/\r?\n$/, ''), 'latin1');
  });

/** A literal term. */
export const literal = fc.array(anyText, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(''));

const regexes = fc.letrec((tie) => ({
  regex: fc.oneof({ maxDepth: 4 }, tie('piece'), tie('sequence'), tie('choice')),
  sequence: fc.array(tie('piece'), { minLength: 1, maxLength: 4 }).map((parts) => parts.join('')),
  choice: fc.tuple(tie('regex'), tie('regex')).map((parts) => parts.join('|')),
  piece: fc
    .tuple(tie('atom'), fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{0,2}', '{1,}', '{,1}'))
    .map((parts) => parts.join('')),
  group: fc.tuple(tie('regex'), fc.constantFrom('', '', '\\1')).map(([inner, end]) => `(${inner})${end}`),
  atom: fc.oneof(
    { maxDepth: 4 },
    { weight: 4, arbitrary: fc.constantFrom(...WORDS, ...LETTERS) },
    {
      weight: 2,
      arbitrary: fc.constantFrom('.', '^', '$', '\\b', '\\B', '\\<', '\\>', '\\w', '\\W', '\\s', '\\S', '\\.', '\\$'),
    },
    {
      weight: 2,
      arbitrary: fc.constantFrom(
        '[ab]',
        '[^a]',
        '[[:alpha:]]',
        '[[:upper:]]',
        '[^[:space:]]',
        '[a-z]',
        '[é愛]',
        '[]x]',
        '[0-9-]',
      ),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        ...OTHERS,
        ...TRAPS,
        '\\d',
        '[',
        '[[:foo:]]',
        '[z-a]',
        '[а-я]',
        '[[.a.]]',
        '[[=e=]]',
        'a{1',
        'a{2,1}',
        '()',
      ),
    },
    { weight: 2, arbitrary: tie('group') },
  ),
}));

/** Mostly valid regular expressions, and some that grep warns of or rejects. */
export const regex = (regexes.regex as fc.Arbitrary<string>).filter((term) => term !== '');
