// The most useful patterns of regular expressions, as GNU grep reads them (POSIX.1-2017, 9.4, and
// the GNU extensions), for the help beside the form and the help page.

export interface RegexPattern {
  pattern: string;
  /** What it matches. */
  matches: string;
  /** A text that it matches. */
  example: string;
}

export const regexPatterns: readonly RegexPattern[] = [
  { pattern: 'colou?r', matches: '“color” or “colour”: ? makes the letter before it optional', example: 'the colour' },
  { pattern: 'wh.le', matches: '. stands for any character', example: 'a whale' },
  { pattern: 'white.*whale', matches: 'two words in one line, in this order', example: 'the white or grey whale' },
  { pattern: '(whale|shark)s?', matches: 'one word or the other', example: 'two sharks' },
  { pattern: '\\bship', matches: 'words that begin with “ship”', example: 'shipmates' },
  { pattern: 'ness\\b', matches: 'words that end with “ness”', example: 'the darkness' },
  { pattern: '^Call', matches: 'lines that begin with “Call”', example: 'Call me Ishmael' },
  { pattern: '[0-9]+', matches: 'a number', example: 'chapter 42' },
  { pattern: '\\b[A-Z]{2,}\\b', matches: 'words of at least two capital letters', example: 'the LORD' },
  { pattern: '\\b(\\w+) \\1\\b', matches: 'the same word twice', example: 'again and and again' },
];
