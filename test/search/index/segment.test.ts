import { expect } from 'chai';
import fc from 'fast-check';
import { ROWS } from '../../../src/search/index/rows.js';
import {
  bitmapBytes,
  CHECKSUM_BYTES,
  checksumOf,
  decodeRow,
  MAX_COLUMNS,
  SegmentBuilder,
  segmentSeed,
} from '../../../src/search/index/segment.js';

const row = fc.oneof(fc.nat(ROWS - 1), fc.constantFrom(0, 1, ROWS - 1));

/** Encodes a segment, and returns the bytes of each row that isn't empty. */
function encode(builder: SegmentBuilder, seed: number): { rows: Map<number, Buffer>; columns: number } {
  const { columns } = builder;
  const written: Buffer[] = [];
  const lengths = builder.encode(seed, (bytes) => written.push(Buffer.from(bytes)));
  const bytes = Buffer.concat(written);
  const rows = new Map<number, Buffer>();
  let at = 0;
  for (const [row, length] of lengths.entries()) {
    if (length === 0) continue;
    const encoded = bytes.subarray(at, at + length);
    expect(bytes.readUInt32LE(at + length)).to.equal(checksumOf(encoded, seed, row));
    rows.set(row, encoded);
    at += length + CHECKSUM_BYTES;
  }
  expect(at).to.equal(bytes.length);
  return { rows, columns };
}

/** The columns that a decoded row has. */
function columnsOf(words: Uint32Array): number[] {
  const columns: number[] = [];
  for (let column = 0; column < MAX_COLUMNS; column += 1) {
    if ((((words[column >>> 5] as number) >>> (column & 31)) & 1) === 1) columns.push(column);
  }
  return columns;
}

function build(rowsByColumn: readonly Uint16Array[]): SegmentBuilder {
  const builder = new SegmentBuilder();
  for (const rows of rowsByColumn) builder.addColumn(rows);
  return builder;
}

/** Returns a bit for each column of a row. */
function decode(encoded: Uint8Array, columns: number): Uint32Array {
  const words = new Uint32Array(MAX_COLUMNS / 32);
  decodeRow(encoded, columns, words);
  return words;
}

describe('a segment', () => {
  it('returns the columns of each row', function () {
    this.timeout(20_000);
    const columns = fc.array(fc.uniqueArray(row, { maxLength: 20 }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(columns, fc.integer(), (rowsByColumn, seed) => {
        const { rows, columns } = encode(build(rowsByColumn.map((rows) => Uint16Array.from(rows))), seed);
        const expected = new Map<number, number[]>();
        for (const [column, rows] of rowsByColumn.entries()) {
          for (const row of rows) expected.set(row, [...(expected.get(row) ?? []), column]);
        }
        expect([...rows.keys()].sort()).to.deep.equal([...expected.keys()].sort());
        for (const [row, encoded] of rows) {
          expect(columnsOf(decode(encoded, columns))).to.deep.equal(expected.get(row));
          expect(encoded.length).to.be.at.most(bitmapBytes(columns));
        }
      }),
      { numRuns: 5, seed: 20 },
    );
  });

  it('returns the columns of rare and common rows of a full segment', () => {
    const everywhere = 7;
    const rows = (column: number) => [
      everywhere,
      ...(column % 2 === 0 ? [8] : []),
      ...(column % 129 === 0 ? [9] : []),
      ...(column === MAX_COLUMNS - 1 ? [10] : []),
      ...(column < 8 ? [11] : []),
    ];
    const builder = build(Array.from({ length: MAX_COLUMNS }, (_, column) => Uint16Array.from(rows(column))));
    const { rows: encoded, columns } = encode(builder, 1);
    for (let row = everywhere; row <= 11; row += 1) {
      const expected = Array.from({ length: MAX_COLUMNS }, (_, column) => column).filter((column) =>
        rows(column).includes(row),
      );
      expect(columnsOf(decode(encoded.get(row) as Buffer, columns)), `row ${row}`).to.deep.equal(expected);
    }
  });

  it('restores what was stored, and takes further columns', () => {
    const first = [Uint16Array.of(1, 2, 3), Uint16Array.of(2), Uint16Array.of(65_535, 0)];
    const stored = encode(build(first), 5);
    const builder = new SegmentBuilder();
    builder.restore(stored.columns, (row) => {
      const encoded = stored.rows.get(row);
      return encoded && decode(encoded, stored.columns);
    });
    builder.addColumn(Uint16Array.of(2, 4));
    const { rows, columns } = encode(builder, 5);
    expect(columns).to.equal(4);
    const decoded = [...rows].map(([row, encoded]) => [row, columnsOf(decode(encoded, columns))]);
    expect(decoded).to.deep.equal([
      [0, [2]],
      [1, [0]],
      [2, [0, 1, 3]],
      [3, [0]],
      [4, [3]],
      [65_535, [2]],
    ]);
  });

  it('starts over after it was encoded', () => {
    const builder = build([Uint16Array.of(1)]);
    encode(builder, 1);
    expect(builder.columns).to.equal(0);
    builder.addColumn(Uint16Array.of(2));
    expect([...encode(builder, 1).rows.keys()]).to.deep.equal([2]);
  });

  it('has checksums that tell any flipped bit, another row and another segment', () => {
    const encoded = Buffer.from([1, 2, 3, 0x85, 0]);
    const checksum = checksumOf(encoded, segmentSeed(1, 0), 9);
    for (let bit = 0; bit < 8 * encoded.length; bit += 1) {
      const flipped = Buffer.from(encoded);
      flipped[bit >>> 3] = (flipped[bit >>> 3] as number) ^ (1 << (bit & 7));
      expect(checksumOf(flipped, segmentSeed(1, 0), 9)).to.not.equal(checksum);
    }
    expect(checksumOf(encoded, segmentSeed(1, 0), 10)).to.not.equal(checksum);
    expect(checksumOf(encoded, segmentSeed(1, 1), 9)).to.not.equal(checksum);
    expect(checksumOf(encoded, segmentSeed(2, 0), 9)).to.not.equal(checksum);
  });
});
