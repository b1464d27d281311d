import { expect } from 'chai';
import fc from 'fast-check';
import { BlockReader, RowReader, TextReader } from '../../../../../src/search/engines/clickhouse/storage/row-reader.js';
import { RowWriter } from '../../../../../src/search/engines/clickhouse/storage/row-writer.js';

/** Texts around the lengths at which the encoded length needs one more byte. */
const text = fc.oneof(
  fc.uint8Array({ maxLength: 3 }),
  fc.integer({ min: 126, max: 130 }).map((length) => Buffer.alloc(length, 'x')),
  fc.integer({ min: 16_382, max: 16_386 }).map((length) => Buffer.alloc(length, 'y')),
);
const rows = fc.array(
  fc.record({
    line: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    quoteColumn: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    isTruncated: fc.boolean(),
    text: text.map((bytes) => Buffer.from(Buffer.from(bytes).toString('latin1').replaceAll('\n', ' '), 'latin1')),
  }),
);
const cuts = fc.array(fc.nat({ max: 200 }), { minLength: 1, maxLength: 20 });

describe('RowBinary', () => {
  it('is read as rows, wherever the chunks end', () => {
    fc.assert(
      fc.property(rows, cuts, (rows, cuts) => {
        const reader = new RowReader();
        expect(toChunks(encode(rows), cuts).flatMap((chunk) => reader.read(chunk))).to.deep.equal(rows);
        expect(reader.isEmpty).to.equal(true);
      }),
    );
  });

  it('is read as blocks of lines with their numbers', () => {
    fc.assert(
      fc.property(rows, cuts, (rows, cuts) => {
        const reader = new BlockReader();
        const blocks = toChunks(encode(rows), cuts).map((chunk) => reader.read(chunk));
        expect(Buffer.concat(blocks.map((block) => block.text))).to.deep.equal(asText(rows));
        expect(blocks.flatMap(({ lines }) => lines)).to.deep.equal(rows.map(({ line }) => line));
        expect(blocks.flatMap(({ quoteColumns }) => quoteColumns)).to.deep.equal(
          rows.map(({ quoteColumn }) => quoteColumn),
        );
        for (const block of blocks) expect(newlines(block.text)).to.equal(block.lines.length);
      }),
    );
  });

  it('is read as bare lines', () => {
    fc.assert(
      fc.property(rows, cuts, (rows, cuts) => {
        const reader = new TextReader();
        const bare = Buffer.concat(rows.map(({ text }) => Buffer.concat([entryLength(text), text])));
        const parts = toChunks(bare, cuts).map((chunk) => reader.read(chunk));
        expect(Buffer.concat(parts.flatMap(({ texts }) => texts))).to.deep.equal(asText(rows));
        for (const { texts, count } of parts) expect(newlines(Buffer.concat(texts))).to.equal(count);
        expect(reader.isEmpty).to.equal(true);
      }),
    );
  });

  it('is incomplete if it ends in the middle of a row', () => {
    const complete = encode([{ line: 1, quoteColumn: 2, isTruncated: false, text: Buffer.from('text') }]);
    for (let length = 1; length < complete.length; length += 1) {
      const reader = new RowReader();
      expect(reader.read(Buffer.from(complete.subarray(0, length)))).to.deep.equal([]);
      expect(reader.isEmpty, `${length} bytes`).to.equal(false);
    }
  });

  it('is written with the generation, and without the flag', () => {
    fc.assert(
      fc.property(rows, (rows) => {
        const writer = new RowWriter(7);
        for (const { line, quoteColumn, text } of rows) writer.add(line, quoteColumn, text);
        expect([writer.rows, writer.bytes]).to.deep.equal([rows.length, writer.bytes]);
        const generation = uint64(7);
        const expected = rows.map(({ line, quoteColumn, text }) =>
          Buffer.concat([generation, uint64(line), uint64(quoteColumn), entryLength(text), text]),
        );
        expect(writer.take()).to.deep.equal(Buffer.concat(expected));
        expect([writer.rows, writer.bytes]).to.deep.equal([0, 0]);
      }),
    );
  });
});

interface Row {
  line: number;
  quoteColumn: number;
  isTruncated: boolean;
  text: Buffer;
}

function encode(rows: readonly Row[]): Buffer {
  return Buffer.concat(
    rows.flatMap(({ line, quoteColumn, isTruncated, text }) => [
      uint64(line),
      uint64(quoteColumn),
      Buffer.from([isTruncated ? 1 : 0]),
      entryLength(text),
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
function entryLength({ length }: Buffer): Buffer {
  const bytes: number[] = [];
  let remaining = length;
  for (; remaining >= 128; remaining >>= 7) bytes.push((remaining & 0x7f) | 0x80);
  return Buffer.from([...bytes, remaining]);
}

function toChunks(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0, n = 0; at < bytes.length; n += 1) {
    const end = at + 1 + (cuts[n % cuts.length] as number);
    // A copy, because the readers overwrite their input.
    chunks.push(Buffer.from(bytes.subarray(at, end)));
    at = end;
  }
  return chunks;
}

function asText(rows: readonly Row[]): Buffer {
  return Buffer.concat(rows.flatMap(({ text }) => [text, Buffer.from('\n')]));
}

function newlines(bytes: Buffer): number {
  return bytes.toString('latin1').split('\n').length - 1;
}
