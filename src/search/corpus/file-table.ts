// The identities of many files, and the files themselves, in little memory.
import { type DictionaryFile, type FileIdentity, idOf, versionOf } from './dictionary-file.js';

/** Device, inode, size, modification time and change time. */
const FIELDS = 5;

/** The identities of many files: 48 bytes each. */
export class FileTable {
  /** Sizes are read often, and a number is quicker to read than a bigint. */
  readonly sizes: Float64Array;
  readonly #signed: BigInt64Array;
  readonly #unsigned: BigUint64Array;

  constructor(files: readonly { identity: FileIdentity }[]) {
    this.#signed = new BigInt64Array(files.length * FIELDS);
    this.#unsigned = new BigUint64Array(this.#signed.buffer);
    this.sizes = Float64Array.from(files, ({ identity }) => Number(identity.size));
    for (const [index, { identity }] of files.entries()) {
      this.#unsigned.set([identity.dev, identity.ino, identity.size], index * FIELDS);
      this.#signed.set([identity.mtimeNs, identity.ctimeNs], index * FIELDS + 3);
    }
  }

  isSame(index: number, stats: FileIdentity | undefined): boolean {
    const first = index * FIELDS;
    return (
      stats !== undefined &&
      this.#signed[first + 4] === stats.ctimeNs &&
      this.#signed[first + 3] === stats.mtimeNs &&
      this.#unsigned[first + 2] === stats.size &&
      this.#unsigned[first + 1] === stats.ino &&
      this.#unsigned[first] === stats.dev
    );
  }

  read(index: number): FileIdentity {
    const first = index * FIELDS;
    return {
      dev: this.#unsigned[first] as bigint,
      ino: this.#unsigned[first + 1] as bigint,
      size: this.#unsigned[first + 2] as bigint,
      mtimeNs: this.#signed[first + 3] as bigint,
      ctimeNs: this.#signed[first + 4] as bigint,
    };
  }
}

/** Reads its fields from the table: as properties, they would take three times the memory. */
export class TableFile implements DictionaryFile {
  readonly path: string;
  readonly realPath: string;
  readonly #table: FileTable;
  readonly #index: number;

  constructor({ path, realPath }: Pick<DictionaryFile, 'path' | 'realPath'>, table: FileTable, index: number) {
    this.path = path;
    this.realPath = realPath;
    this.#table = table;
    this.#index = index;
  }

  get bytes(): number {
    return this.#table.sizes[this.#index] as number;
  }

  get modifiedMs(): number {
    return toMs(this.#identity.mtimeNs);
  }

  get changedMs(): number {
    return toMs(this.#identity.ctimeNs);
  }

  get id(): string {
    return idOf(this.#identity);
  }

  get version(): string {
    return versionOf(this.#identity);
  }

  get #identity(): FileIdentity {
    return this.#table.read(this.#index);
  }
}

const NS_PER_MS = 1_000_000n;

export function toMs(nanoseconds: bigint): number {
  return Number(nanoseconds / NS_PER_MS);
}
