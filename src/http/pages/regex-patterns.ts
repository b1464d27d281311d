// Regular expressions to start from: POSIX extended ones, as GNU grep reads them.

export interface RegexPattern {
  pattern: string;
  /** What the pattern matches. */
  matches: string;
  /** A text with a match. */
  example: string;
}

/** From simple to advanced. */
export const regexPatterns: readonly RegexPattern[] = [
  { pattern: 'love|hate', matches: 'one word or the other', example: 'I hate war' },
  { pattern: 'love.*hate', matches: 'one word, and later in the line another', example: 'to love is not to hate' },
  { pattern: 'colou?r', matches: 'an optional letter', example: 'the color of money' },
  { pattern: '^The', matches: 'the start of a line', example: 'The end is near' },
  { pattern: '\\.$', matches: 'a full stop at the end of a line', example: 'The end.' },
  { pattern: '[0-9]{4}', matches: 'four digits', example: 'written in 1851' },
  { pattern: '\\<un\\w+', matches: 'a word that begins with these letters', example: 'an unhappy man' },
  { pattern: '[[:upper:]]\\w+', matches: 'a word that begins with a capital', example: 'call me Ishmael' },
  { pattern: '"[^"]*"', matches: 'text in double quotes', example: 'he said "no" again' },
  { pattern: '\\<(\\w+) \\1\\>', matches: 'a word twice in a row', example: 'he said that that was all' },
];
