// Rows that come in pieces which end anywhere.
import { expect } from 'chai';
import fc from 'fast-check';
import { BlockReader, RowReader, TextReader } from '../../../../../src/search/engines/clickhouse/storage/row-reader.js';
import { RowWriter } from '../../../../../src/search/engines/clickhouse/storage/row-writer.js';

/** Lengths around those at which their own length takes a byte more. */
const text = fc.oneof(
  fc.uint8Array({ maxLength: 3 }),
  fc.integer({ min: 126, max: 130 }).map((length) => Buffer.alloc(length, 'x')),
  fc.integer({ min: 16_382, max: 16_386 }).map((length) => Buffer.alloc(length, 'y')),
);
const rows = fc.array(
  fc.record({
    line: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    quote: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    isCut: fc.boolean(),
    text: text.map((bytes) => Buffer.from(Buffer.from(bytes).toString('latin1').replaceAll('\n', ' '), 'latin1')),
  }),
);
const cuts = fc.array(fc.nat({ max: 200 }), { minLength: 1, maxLength: 20 });

describe('rows of the cluster', () => {
  it('are put together from pieces that end anywhere', () => {
    fc.assert(
      fc.property(rows, cuts, (rows, cuts) => {
        const reader = new RowReader();
        expect(inPieces(encode(rows), cuts).flatMap((piece) => reader.read(piece))).to.deep.equal(rows);
        expect(reader.isEmpty).to.equal(true);
      }),
    );
  });

  it('are lines for a program to read, each with its numbers', () => {
    fc.assert(
      fc.property(rows, cuts, (rows, cuts) => {
        const reader = new BlockReader();
        const blocks = inPieces(encode(rows), cuts).map((piece) => reader.read(piece));
        expect(Buffer.concat(blocks.map((block) => block.text))).to.deep.equal(asText(rows));
        expect(blocks.flatMap(({ lines }) => lines)).to.deep.equal(rows.map(({ line }) => line));
        expect(blocks.flatMap(({ quotes }) => quotes)).to.deep.equal(rows.map(({ quote }) => quote));
        for (const block of blocks) expect(newlines(block.text)).to.equal(block.lines.length);
      }),
    );
  });

  it('are bare lines', () => {
    fc.assert(
      fc.property(rows, cuts, (rows, cuts) => {
        const reader = new TextReader();
        const bare = Buffer.concat(rows.map(({ text }) => Buffer.concat([lengthOf(text), text])));
        const parts = inPieces(bare, cuts).map((piece) => reader.read(piece));
        expect(Buffer.concat(parts.flatMap(({ texts }) => texts))).to.deep.equal(asText(rows));
        for (const { texts, count } of parts) expect(newlines(Buffer.concat(texts))).to.equal(count);
        expect(reader.isEmpty).to.equal(true);
      }),
    );
  });

  it('are not all there where the answer ends in the middle of one', () => {
    const whole = encode([{ line: 1, quote: 2, isCut: false, text: Buffer.from('text') }]);
    for (let length = 1; length < whole.length; length += 1) {
      const reader = new RowReader();
      expect(reader.read(Buffer.from(whole.subarray(0, length)))).to.deep.equal([]);
      expect(reader.isEmpty, `${length} bytes`).to.equal(false);
    }
  });

  it('are written as they are read, but for the load and the flag', () => {
    fc.assert(
      fc.property(rows, (rows) => {
        const writer = new RowWriter(7);
        for (const { line, quote, text } of rows) writer.add(line, quote, text);
        expect([writer.rows, writer.bytes]).to.deep.equal([rows.length, writer.bytes]);
        const load = uint64(7);
        const expected = rows.map(({ line, quote, text }) =>
          Buffer.concat([load, uint64(line), uint64(quote), lengthOf(text), text]),
        );
        expect(writer.take()).to.deep.equal(Buffer.concat(expected));
        expect([writer.rows, writer.bytes]).to.deep.equal([0, 0]);
      }),
    );
  });
});

interface Row {
  line: number;
  quote: number;
  isCut: boolean;
  text: Buffer;
}

function encode(rows: readonly Row[]): Buffer {
  return Buffer.concat(
    rows.flatMap(({ line, quote, isCut, text }) => [
      uint64(line),
      uint64(quote),
      Buffer.from([isCut ? 1 : 0]),
      lengthOf(text),
      text,
    ]),
  );
}

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

/** LEB128. */
function lengthOf({ length }: Buffer): Buffer {
  const bytes: number[] = [];
  let rest = length;
  for (; rest >= 128; rest >>= 7) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.from([...bytes, rest]);
}

function inPieces(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0, n = 0; at < bytes.length; n += 1) {
    const end = at + 1 + (cuts[n % cuts.length] as number);
    // A copy: readers write over what they are given.
    pieces.push(Buffer.from(bytes.subarray(at, end)));
    at = end;
  }
  return pieces;
}

function asText(rows: readonly Row[]): Buffer {
  return Buffer.concat(rows.flatMap(({ text }) => [text, Buffer.from('\n')]));
}

function newlines(bytes: Buffer): number {
  return bytes.toString('latin1').split('\n').length - 1;
}
