// Tells which blocks of a text can't contain a term, so that grep needn't read them.
//
// Invariant: a block consists of whole lines, and the filter has every group of four consecutive
// bytes of each block whose case is folded (and, because groups share rows, possibly others). A
// folded line that contains a folded term contains all groups of the term, so a block that lacks one
// of them contains no such line.
//
// Layout: a bitmap with a row for each hash of a group, and a column for each block. The blocks that
// may contain a term are the intersection of the rows of its groups.
import { foldBytes, foldInto } from '../pattern/folded-bytes.js';
import type { Pace } from './pace.js';

/** Blocks end at the first line end after this size, so longer lines make longer blocks. */
const MIN_BLOCK_BYTES = 4 * 1024;
const GROUP_BYTES = 4;
/** About a fifth of a row's bits are set for a text in which hardly any group recurs. */
const ROW_BITS = 14;
const ROWS = 2 ** ROW_BITS;
/** Longer terms hardly exclude more blocks. */
const MAX_GROUPS = 16;
/** How much to add at once before other work may run. */
const STEP_BYTES = 64 * 1024;
/** A group consists of at most as many characters, of at most four bytes, whose first may be cut. */
const OVERLAP_BYTES = 4 * GROUP_BYTES + 3;
const NEWLINE = 0x0a;

/** A part of a text, from and to an offset in bytes. */
export interface Range {
  start: number;
  end: number;
}

export class BlockFilter {
  /** The offsets of the blocks, then that of the end. */
  readonly #offsets: readonly number[];
  readonly #wordsPerRow: number;
  readonly #bits: Uint32Array;

  private constructor(offsets: readonly number[]) {
    this.#offsets = offsets;
    this.#wordsPerRow = Math.ceil((offsets.length - 1) / 32);
    this.#bits = new Uint32Array(ROWS * this.#wordsPerRow);
  }

  /** Throws the signal's reason. The text must end with a newline. */
  static async create(text: Buffer, pace: Pace): Promise<BlockFilter> {
    const filter = new BlockFilter(blockOffsets(text));
    const folded = Buffer.alloc(STEP_BYTES + OVERLAP_BYTES);
    for (let block = 0; block < filter.#nrOfBlocks; block += 1) {
      const end = filter.#offsets[block + 1] as number;
      for (let start = filter.#offsets[block] as number; start < end; start += STEP_BYTES) {
        if (pace.isExpired) await pace.yieldToEventLoop();
        const length = foldInto(folded, text, start, Math.min(start + STEP_BYTES + OVERLAP_BYTES, end));
        filter.#add(block, folded, length);
      }
    }
    return filter;
  }

  get bytes(): number {
    return this.#bits.byteLength;
  }

  /** Returns the parts of the text that may contain any of the terms, in order. */
  candidates(terms: readonly string[]): Range[] {
    const any = new Uint32Array(this.#wordsPerRow);
    for (const term of terms) {
      const blocks = this.#blocksOf(foldBytes(Buffer.from(term)));
      for (let word = 0; word < any.length; word += 1) any[word] = (any[word] as number) | (blocks[word] as number);
    }
    const ranges: Range[] = [];
    for (let block = 0; block < this.#nrOfBlocks; block += 1) {
      if ((((any[block >>> 5] as number) >>> (block & 31)) & 1) === 0) continue;
      const [start, end] = [this.#offsets[block] as number, this.#offsets[block + 1] as number];
      const last = ranges.at(-1);
      if (last?.end === start) last.end = end;
      else ranges.push({ start, end });
    }
    return ranges;
  }

  /** Whether no line can contain all of the terms, whatever their case. */
  excludes(terms: readonly string[]): boolean {
    const all = terms.map((term) => this.#blocksOf(foldBytes(Buffer.from(term))));
    for (let block = 0; block < this.#nrOfBlocks; block += 1) {
      if (all.every((blocks) => (((blocks[block >>> 5] as number) >>> (block & 31)) & 1) === 1)) return false;
    }
    return true;
  }

  get #nrOfBlocks(): number {
    return this.#offsets.length - 1;
  }

  #add(block: number, text: Buffer, length: number): void {
    const [column, bit] = [block >>> 5, 1 << (block & 31)];
    for (let at = 0; at + GROUP_BYTES <= length; at += 1) {
      const index = rowOf(text, at) * this.#wordsPerRow + column;
      this.#bits[index] = (this.#bits[index] as number) | bit;
    }
  }

  /** Returns a bit for each block: whether it has all groups of the term. */
  #blocksOf(term: Buffer): Uint32Array {
    const blocks = new Uint32Array(this.#wordsPerRow).fill(0xffffffff);
    const groups = Math.min(term.length - GROUP_BYTES + 1, MAX_GROUPS);
    for (let group = 0; group < groups; group += 1) {
      const first = rowOf(term, group) * this.#wordsPerRow;
      for (let word = 0; word < blocks.length; word += 1) {
        blocks[word] = (blocks[word] as number) & (this.#bits[first + word] as number);
      }
    }
    return blocks;
  }
}

function blockOffsets(text: Buffer): number[] {
  const offsets = [0];
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf(NEWLINE, start + MIN_BLOCK_BYTES);
    start = newline === -1 ? text.length : newline + 1;
    offsets.push(start);
  }
  return offsets;
}

/** Hashes the group of bytes at an offset by Fibonacci hashing. */
function rowOf(bytes: Buffer, at: number): number {
  const group =
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24);
  return Math.imul(group, 0x9e3779b1) >>> (32 - ROW_BITS);
}
