// The blocks that may contain a match, by the literals that every matching line contains.
import type { Pace } from '../corpus/pace.js';
import { foldBytes } from './folded-bytes.js';
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
  const segments: Uint32Array[] = [];
  for (let segment = 0; segment < index.segments; segment += 1) {
    if (pace.isExpired) await pace.yieldToEventLoop();
    segments.push(index.columnsWith(segment, rows));
  }
  const { columns } = index.tables;
  return (block) => {
    const column = columns[block] as number;
    const bits = segments[Math.floor(column / MAX_COLUMNS)] as Uint32Array;
    const inSegment = column % MAX_COLUMNS;
    return (((bits[inSegment >>> 5] as number) >>> (inSegment & 31)) & 1) === 1;
  };
}
