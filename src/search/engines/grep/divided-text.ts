// Divides a large text with an index into parts, which several greps read at the same time.
//
// Invariant: each line is in the core of exactly one part. A part also contains enough lines around
// its core that grep prints the same lines of the core as it would for the whole text, whether they
// match or are context. So the lines of all cores, in order, are the output for the whole text.
import { closeSync, readSync } from 'node:fs';
import type { TextFile } from '../../corpus/text-file.js';
import type { SearchQuery } from '../../engine.js';
import { GROUP_END, type GroupedRecord } from '../../grep/grep-output.js';
import type { TextSlice } from '../../grep/text-slice.js';
import type { BlockRange, FileBlocks } from '../../index/ranges.js';

export interface TextPart {
  slice: TextSlice;
  /** The number of its first line in the file, counted from 1. */
  lineInFile: number;
  /** The first line of its core, and the first one after it. */
  coreStart: number;
  coreEnd: number;
}

/** Another grep pays off only for so much text. */
export const MIN_PART_BYTES = 16 * 1024 * 1024;
/** The last part needs no program that copies it to grep, so it can be larger. */
const LAST_PART_WEIGHT = 1.2;

/** Divides a text into parts that take about equally long. */
export function divideText(
  blocks: FileBlocks,
  count: number,
  { n_before, n_after }: Pick<SearchQuery, 'n_before' | 'n_after'>,
): TextPart[] {
  const context = Math.max(n_before, n_after);
  const { start, end } = blocks.offsets(blocks.all);
  const partBytes = (end - start) / (count - 1 + LAST_PART_WEIGHT);
  const parts: TextPart[] = [];
  let { first } = blocks.all;
  for (let part = 1; part <= count && first < blocks.all.end; part += 1) {
    const coreEnd = part === count ? blocks.all.end : Math.max(first + 1, blocks.blockAt(start + part * partBytes));
    parts.push(createPart(blocks, { first, end: coreEnd }, context));
    first = coreEnd;
  }
  return parts;
}

/** A part whose lines have no numbers. */
export type UnnumberedPart = Pick<TextPart, 'slice'>;

const NEWLINE = 0x0a;
/** How far from the best place to divide a text its next line end may be. */
const MAX_LINE_REST_BYTES = 64 * 1024;

/** Divides an uncompressed text without an index into whole lines. */
export function divideLines(text: TextFile, count: number): UnnumberedPart[] {
  const { fd, textOffset, file } = text;
  const partBytes = (file.bytes - textOffset) / (count - 1 + LAST_PART_WEIGHT);
  const buffer = Buffer.alloc(MAX_LINE_REST_BYTES);
  const starts = [textOffset];
  for (let part = 1; part < count; part += 1) {
    const position = Math.floor(textOffset + part * partBytes);
    const rest = buffer.subarray(0, readSync(fd, buffer, 0, buffer.length, position));
    const start = position + rest.indexOf(NEWLINE) + 1;
    // Without a line end nearby, the part before takes in this one.
    if (start > position && start > (starts.at(-1) as number)) starts.push(start);
  }
  return starts.map((start, index) => {
    const end = starts[index + 1];
    return { slice: { start, length: end === undefined ? undefined : end - start } };
  });
}

function createPart(blocks: FileBlocks, core: BlockRange, context: number): TextPart {
  const range = blocks.withLinesAround(core, context);
  const { start, end } = blocks.offsets(range);
  return {
    slice: { start, length: range.end === blocks.all.end ? undefined : end - start },
    lineInFile: blocks.linesBefore(range.first) + 1,
    coreStart: blocks.linesBefore(core.first) + 1,
    coreEnd: blocks.linesBefore(core.end) + 1,
  };
}

/** Joins the records of all parts, which must come in order. */
export class PartJoiner {
  #lastLine: number | undefined;

  *join({ coreStart, coreEnd }: TextPart, records: Iterable<GroupedRecord>): Generator<GroupedRecord> {
    for (const record of records) {
      // A group can continue in the next part, so the line numbers tell where it ends.
      if (record === GROUP_END || record.line < coreStart || record.line >= coreEnd) continue;
      if (this.#lastLine !== undefined && record.line !== this.#lastLine + 1) yield GROUP_END;
      this.#lastLine = record.line;
      yield record;
    }
  }
}

/** The parts of a text while greps read them. */
export class DividedText<Part extends UnnumberedPart = TextPart> {
  readonly parts: readonly Part[];
  /** For each part, a descriptor of the text with an offset of its own. */
  readonly fds: readonly number[];
  readonly #onClose: () => void;

  private constructor(parts: readonly Part[], fds: readonly number[], onClose: () => void) {
    this.parts = parts;
    this.fds = fds;
    this.#onClose = onClose;
  }

  /** Returns `undefined` if the text can't be opened again, as when its mode has changed. */
  static tryOpen<Part extends UnnumberedPart>(
    text: TextFile,
    parts: readonly Part[],
    onClose: () => void,
  ): DividedText<Part> | undefined {
    const fds: number[] = [];
    try {
      while (fds.length < parts.length) fds.push(text.reopen());
      return new DividedText(parts, fds, onClose);
    } catch {
      for (const fd of fds) closeSync(fd);
      onClose();
      return undefined;
    }
  }

  close(): void {
    for (const fd of this.fds) closeSync(fd);
    this.#onClose();
  }
}
