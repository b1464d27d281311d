// Aligns the columns of `ls -l` again after names were left out: their widths would reveal how
// large the left-out files are.
import type { LsLine } from './run-ls.js';

export type NameLine = Extract<LsLine, { kind: 'name' }>;

/** Mode, links, owner, group, size, and the rest, which has a fixed width in the C locale. */
const COLUMNS = /^(\S+) +(\S+) +(\S+) +(\S+) +(\S+) (.*)$/s;

/** Numbers are aligned to the right. */
const IS_NUMBER = [false, true, false, false, true];

export function alignColumns(lines: readonly NameLine[]): NameLine[] {
  const rows = lines.map(({ text }) => COLUMNS.exec(text)?.slice(1) ?? []);
  // A folder may have more names than a call takes arguments.
  const widths = IS_NUMBER.map((_, column) =>
    rows.reduce((width, row) => Math.max(width, row[column]?.length ?? 0), 0),
  );
  return lines.map((line, index) => {
    const [rest, ...cells] = (rows[index] as string[]).toReversed();
    if (rest === undefined) return line;
    const columns = cells.toReversed().map((cell, column) => {
      const width = widths[column] as number;
      return IS_NUMBER[column] ? cell.padStart(width) : cell.padEnd(width);
    });
    return { ...line, text: [...columns, rest].join(' ') };
  });
}
