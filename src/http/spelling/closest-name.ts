// Finds the name that a caller most likely meant, by edit distance.

/** Longer names are not compared, which bounds the work (UTF-16 code units). */
const MAX_NAME_LENGTH = 100;
const MAX_CANDIDATES = 10_000;
const MAX_EDITS = 3;
/** How many characters of a name allow for one edit. */
const CHARACTERS_PER_EDIT = 3;

/**
 * Returns the candidate that is closest to a name, or `undefined` if none is close. Ignores case. A
 * wrong or missing extension counts less than an edit.
 */
export function closestName(name: string, candidates: readonly string[]): string | undefined {
  if (name.length > MAX_NAME_LENGTH) return undefined;
  const wanted = name.toLowerCase();
  const wantedStem = stemOf(wanted);
  const limit = Math.min(MAX_EDITS, Math.floor(wantedStem.length / CHARACTERS_PER_EDIT));
  let closest: string | undefined;
  let fewestEdits = limit + 1;
  for (const candidate of candidates.slice(0, MAX_CANDIDATES)) {
    if (candidate === name) continue;
    const other = candidate.toLowerCase();
    const edits = Math.min(editDistance(wanted, other, limit), editDistance(wantedStem, stemOf(other), limit) + 0.5);
    if (edits >= fewestEdits) continue;
    closest = candidate;
    fewestEdits = edits;
  }
  return closest;
}

/** Removes the extension. */
function stemOf(name: string): string {
  return name.replace(/(?<=[^/])\.[^./]*$/, '');
}

/**
 * Counts the insertions, deletions, substitutions and transpositions that turn one text into
 * another (optimal string alignment). Returns infinity if there are more than `limit`.
 */
function editDistance(from: string, to: string, limit: number): number {
  if (Math.abs(from.length - to.length) > limit) return Number.POSITIVE_INFINITY;
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row += 1) {
    const current = new Array<number>(to.length + 1).fill(Number.POSITIVE_INFINITY);
    if (row <= limit) current[0] = row;
    // Cells further from the diagonal have more edits than the limit.
    for (let column = Math.max(1, row - limit); column <= Math.min(to.length, row + limit); column += 1) {
      const isSame = from[row - 1] === to[column - 1];
      const isSwapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current[column] = Math.min(
        at(previous, column - 1) + (isSame ? 0 : 1),
        at(previous, column) + 1,
        at(current, column - 1) + 1,
        isSwapped ? at(beforePrevious, column - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    [beforePrevious, previous] = [previous, current];
  }
  const edits = at(previous, to.length);
  return edits > limit ? Number.POSITIVE_INFINITY : edits;
}

function at(cells: readonly number[], index: number): number {
  return cells[index] ?? Number.POSITIVE_INFINITY;
}
