// Chooses the lines that fit on a page around a line: the line itself first, then the nearest ones.
import { costOf, type RenderedResult, type ResultPage } from './result-page.js';

export interface ChosenLines {
  /** The index of the first of them. */
  first: number;
  kept: RenderedResult<string>[];
}

/** Extends the range by one line at a time, on both sides alternately, while there is room. */
export function linesAround(
  lines: readonly RenderedResult<string>[],
  center: number,
  page: ResultPage<string>,
): ChosenLines {
  const cost = (at: number) => {
    const line = lines[at];
    return line === undefined ? Number.POSITIVE_INFINITY : costOf(line.result, line.text);
  };
  let free = page.freeTokens - cost(center);
  let first = center;
  let end = center + 1;
  for (;;) {
    const before = cost(first - 1);
    const after = cost(end);
    const takesBefore = before <= free && (center - first <= end - 1 - center || after > free);
    if (takesBefore) {
      first -= 1;
      free -= before;
    } else if (after <= free) {
      end += 1;
      free -= after;
    } else return { first, kept: lines.slice(first, end) };
  }
}
