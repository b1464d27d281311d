// The blocks that may contain a match, by the literals that every matching line contains.
import type { Pace } from '../corpus/pace.js';
import { foldBytes } from '../pattern/folded-bytes.js';
import type { IndexFile } from './index-file.js';
import { rowsOf } from './rows.js';
import { MAX_COLUMNS } from './segment.js';

/** Whether a block, by its number in the index, may contain a match. */
export type IsCandidate = (block: number) => boolean;

/**
 * Returns `undefined` if the literals are too short to exclude any block. Throws UnusableIndexError
 * or the signal's reason.
 *
 * @param literals as in `Pattern.required`
 */
export async function findCandidates(
  index: IndexFile,
  literals: readonly string[],
  pace: Pace,
): Promise<IsCandidate | undefined> {
  const rows = [...new Set(literals.flatMap((literal) => rowsOf(foldBytes(Buffer.from(literal)))))];
  if (rows.length === 0) return undefined;
  // Columns are numbered as if each segment had the maximum number.
  const candidates = new Uint32Array((index.segments * MAX_COLUMNS) / 32);
  for (let segment = 0; segment < index.segments; segment += 1) {
    if (pace.isExpired) await pace.yieldToEventLoop();
    candidates.set(index.columnsWith(segment, rows), (segment * MAX_COLUMNS) / 32);
  }
  const { columns } = index.tables;
  return (block) => {
    const column = columns[block] as number;
    return (((candidates[column >>> 5] as number) >>> (column & 31)) & 1) === 1;
  };
}
