// Renders the results of a search as grep prints them: `file:line:text`, context with `-`.
import type { ConcordanceLine, EntryObject, FileCount, Match } from '../../client/index.js';
import { printable } from './printable.js';

export interface RenderOptions {
  isColored: boolean;
  hasLineNumbers: boolean;
}

export type Entry = EntryObject | ConcordanceLine | FileCount | string;

/** The default colors of grep. */
const COLORS = { file: '35', line: '32', separator: '36', match: '01;31' };

/** Returns lines, each with its line end. */
export function renderEntry(entry: Entry, options: RenderOptions): string {
  const paint = createPaint(options.isColored);
  const separate = (separator: string) => paint('separator', separator);

  if (typeof entry === 'string') return entry.split('\n').map(printable).join('\n').concat('\n');
  const file = paint('file', printable(entry.file));
  if ('entries' in entry) return `${file}${separate(':')}${entry.entries}\n`;

  const prefix = (line: number | undefined, separator: string) => {
    const number =
      line === undefined || !options.hasLineNumbers ? '' : paint('line', String(line)) + separate(separator);
    return file + separate(separator) + number;
  };
  if ('match' in entry) {
    const { line, left, match, right } = entry;
    return `${prefix(line, ':')}${printable(left)}${paint('match', printable(match))}${printable(right)}\n`;
  }
  const { line, text, before, after, matches } = entry;
  const length = text.split('\n').length;
  // The number of blank lines between quotes isn't known.
  const hasNumbers = length === 1 && [...before, ...after].every((context) => !context.includes('\n'));
  const renderContext = (context: string, at: number) =>
    context
      .split('\n')
      .map((part) => `${prefix(hasNumbers ? at : undefined, '-')}${printable(part)}\n`)
      .join('');
  return [
    ...before.map((context, at) => renderContext(context, line - before.length + at)),
    ...splitMatches(text, matches).map(
      (parts, at) =>
        `${prefix(line + at, ':')}${parts.map(([part, isMatch]) => (isMatch ? paint('match', part) : part)).join('')}\n`,
    ),
    ...after.map((context, at) => renderContext(context, line + length + at)),
  ].join('');
}

/** Returns the line between entries that have context. */
export function renderSeparator(isColored: boolean): string {
  return `${createPaint(isColored)('separator', '--')}\n`;
}

function createPaint(isColored: boolean) {
  return (color: keyof typeof COLORS, text: string) =>
    isColored && text !== '' ? `\x1b[${COLORS[color]}m${text}\x1b[m` : text;
}

type Part = [text: string, isMatch: boolean];

/** Splits a text into lines, and these into what matches and what doesn't. */
function splitMatches(text: string, matches: readonly Match[]): Part[][] {
  const lines: Part[][] = [[]];
  const add = (part: string, isMatch: boolean) => {
    for (const [at, line] of part.split('\n').entries()) {
      if (at > 0) lines.push([]);
      lines.at(-1)?.push([printable(line), isMatch]);
    }
  };
  let end = 0;
  for (const [from, to] of matches) {
    add(text.slice(end, from), false);
    add(text.slice(from, to), true);
    end = to;
  }
  add(text.slice(end), false);
  return lines;
}
