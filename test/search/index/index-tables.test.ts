import { expect } from 'chai';
import fc from 'fast-check';
import {
  decodeHeader,
  encodeHeader,
  HEADER_BYTES,
  UnusableIndexError,
} from '../../../src/search/index/index-header.js';
import {
  decodeTables,
  encodeTables,
  FORMAT_VERSION,
  type IndexTables,
} from '../../../src/search/index/index-tables.js';
import { withVersion } from './build-indexes.js';

const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const uint32s = fc.array(uint32, { maxLength: 9 }).map((values) => Uint32Array.from(values));
const doubles = fc.array(fc.maxSafeNat(), { maxLength: 9 }).map((values) => Float64Array.from(values));
const bytes = fc.uint8Array({ maxLength: 40 });
const path = fc.string({ unit: 'grapheme', minLength: 1 }).filter((path) => !path.includes('\0'));

const tables: fc.Arbitrary<IndexTables> = fc.record({
  dictionary: fc.string({ unit: 'grapheme' }),
  root: fc.string({ unit: 'grapheme' }),
  paths: fc.array(path, { minLength: 1, maxLength: 5 }),
  identities: fc
    .array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { maxLength: 10 })
    .map((values) => BigInt64Array.from(values)),
  fileBlocks: uint32s,
  lines: doubles,
  quotes: doubles,
  traits: bytes,
  indents: doubles,
  starts: doubles,
  ends: doubles,
  linesBefore: doubles,
  quotesBefore: doubles,
  quoteBlocks: uint32s,
  columns: uint32s,
  segmentOffsets: doubles,
  segmentColumns: uint32s,
  rowLengths: fc.array(fc.nat(65_535), { maxLength: 9 }).map((values) => Uint16Array.from(values)),
  checksums: bytes,
});

describe('the tables of an index', () => {
  it('are decoded as they were encoded', () => {
    fc.assert(
      fc.property(tables, (tables) => {
        expect(decodeTables(encodeTables(tables))).to.deep.equal(tables);
      }),
      { numRuns: 300, seed: 20 },
    );
  });

  it('are rejected if they are cut off', () => {
    const [sample] = fc.sample(tables, { numRuns: 1, seed: 20 });
    const encoded = encodeTables(sample as IndexTables);
    for (let length = 0; length < encoded.length; length += 1) {
      const cut = Buffer.from(Uint8Array.from(encoded.subarray(0, length)).buffer);
      expect(() => decodeTables(cut), `${length} bytes`).to.throw();
    }
  });
});

describe('the header of an index', () => {
  const header = { seed: 0xfedcba98, tablesOffset: 2 ** 40, tablesBytes: 12_345, tablesChecksum: 0x89abcdef };

  it('is decoded as it was encoded', () => {
    expect(decodeHeader(encodeHeader(header))).to.deep.equal(header);
  });

  it('is rejected if any bit is flipped, or a byte is missing', () => {
    const encoded = encodeHeader(header);
    for (let bit = 0; bit < 8 * HEADER_BYTES; bit += 1) {
      const flipped = Buffer.from(encoded);
      flipped[bit >>> 3] = (flipped[bit >>> 3] as number) ^ (1 << (bit & 7));
      expect(() => decodeHeader(flipped), `bit ${bit}`).to.throw(UnusableIndexError);
    }
    for (let length = 0; length < HEADER_BYTES; length += 1) {
      expect(() => decodeHeader(encoded.subarray(0, length))).to.throw(UnusableIndexError, 'not an index of grepd');
    }
  });

  it('is rejected if it is of another format version', () => {
    const encoded = encodeHeader(header);
    for (const version of [FORMAT_VERSION - 1, FORMAT_VERSION + 1]) {
      expect(() => decodeHeader(withVersion(encoded, version))).to.throw(
        UnusableIndexError,
        `format version ${version}, expected ${FORMAT_VERSION}`,
      );
    }
  });
});
