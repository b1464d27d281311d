// The first bytes of an index: what it is, and where its tables are.
import { crc32 } from 'node:zlib';
import { FORMAT_VERSION } from './index-tables.js';

export const HEADER_BYTES = 64;
const MAGIC = Buffer.from('grepdidx');
/** The checksum covers everything before it. */
const CHECKSUM_AT = HEADER_BYTES - 4;

export interface IndexHeader {
  /** A random number that the checksums of the rows depend on. */
  seed: number;
  tablesOffset: number;
  tablesBytes: number;
  tablesChecksum: number;
}

/** An index can't be used: damaged, of another format, or not an index at all. */
export class UnusableIndexError extends Error {
  override readonly name = 'UnusableIndexError';
}

export function encodeHeader({ seed, tablesOffset, tablesBytes, tablesChecksum }: IndexHeader): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(header);
  header.writeUInt32LE(FORMAT_VERSION, 8);
  header.writeUInt32LE(seed, 12);
  header.writeBigUInt64LE(BigInt(tablesOffset), 16);
  header.writeBigUInt64LE(BigInt(tablesBytes), 24);
  header.writeUInt32LE(tablesChecksum, 32);
  header.writeUInt32LE(crc32(header.subarray(0, CHECKSUM_AT)), CHECKSUM_AT);
  return header;
}

/** Throws UnusableIndexError. */
export function decodeHeader(header: Buffer): IndexHeader {
  if (header.length < HEADER_BYTES || !header.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw new UnusableIndexError('not an index of grepd');
  }
  const version = header.readUInt32LE(8);
  if (header.readUInt32LE(CHECKSUM_AT) !== crc32(header.subarray(0, CHECKSUM_AT))) {
    throw new UnusableIndexError('damaged header');
  }
  if (version !== FORMAT_VERSION) {
    throw new UnusableIndexError(`format version ${version}, expected ${FORMAT_VERSION}`);
  }
  return {
    seed: header.readUInt32LE(12),
    tablesOffset: Number(header.readBigUInt64LE(16)),
    tablesBytes: Number(header.readBigUInt64LE(24)),
    tablesChecksum: header.readUInt32LE(32),
  };
}
