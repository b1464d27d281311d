// An open file of a dictionary. It stays readable if the file is replaced or removed.
import { type BigIntStats, closeSync, constants, fstatSync, openSync, read, readSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createGunzip } from 'node:zlib';
import { AppError } from '../../errors.js';
import type { UnlinkedFile } from '../../process/unlinked-file.js';
import { copyText, type MarkedEncoding, skipMark, UTF8_MARK_BYTES } from './byte-order-mark.js';
import { isCompressed } from './compressed.js';
import { countWords } from './count-words.js';
import { decodeText } from './decode-text.js';
import { needsDecoding } from './decoding.js';
import { type DetectedEncoding, detectEncoding } from './detect-encoding.js';
import { type DictionaryFile, type FileIdentity, idOf, toDictionaryFile, versionOf } from './dictionary-file.js';
import { isReadable, toAppError } from './dictionary-root.js';
import { declaredEncoding } from './encodings.js';
import { descriptorPath, hasProc, openBeneath } from './open-beneath.js';
import { hasTrait, type Trait } from './text-traits.js';

export interface OpenOptions {
  /** The dictionaries folder, as an absolute path free of links. */
  root: string;
  file: DictionaryFile;
  /** The maximum size of the text of a file that needs decoding. */
  maxDecompressedBytes: number;
}

interface ReadOptions {
  chunkBytes: number;
  onRead?: ((bytes: number) => void) | undefined;
  /** As in `DecodeOptions`. */
  onEncoding?: ((name: string) => void) | undefined;
}

const CHUNK_BYTES = 64 * 1024;
/** Scanning a text is quicker in larger chunks. */
const SCAN_CHUNK_BYTES = 512 * 1024;

export class TextFile {
  readonly path: string;
  /**
   * For one program's standard input: the file offset is after the byte order mark, and moves as
   * the program reads. A program that opens the file by its path reads the mark, too.
   */
  readonly fd: number;
  /** The version of the file when it was opened. */
  readonly version: string;
  /** The change time of the file when it was opened. */
  readonly changedMs: number;
  /** Read when the file was opened. */
  readonly #stats: BigIntStats;
  readonly #maxDecompressedBytes: number;
  /** The offset of the text, or of what it is decoded from. */
  readonly #start: number;
  readonly #mark: MarkedEncoding | undefined;
  /** Whether grep can't read the file itself, because it is compressed, or not in UTF-8. */
  readonly needsDecoding: boolean;

  private constructor(path: string, fd: number, stats: BigIntStats, maxDecompressedBytes: number) {
    this.path = path;
    this.fd = fd;
    this.version = versionOf(stats);
    this.changedMs = Number(stats.ctimeMs);
    this.#stats = stats;
    this.#maxDecompressedBytes = maxDecompressedBytes;
    try {
      this.#mark = this.isCompressed ? undefined : skipMark(fd);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    this.needsDecoding = this.#mark?.startsWith('utf-16') || needsDecoding(path);
    this.#start = this.#mark === 'utf-8' && !this.needsDecoding ? UTF8_MARK_BYTES : 0;
  }

  /**
   * Returns `undefined` if the file was replaced or removed. Throws `too_busy` and other system
   * errors.
   */
  static open({ root, file, maxDecompressedBytes }: OpenOptions): TextFile | undefined {
    let fd: number | undefined;
    try {
      fd = openBeneath(root, file.realPath, constants.O_RDONLY);
    } catch (error) {
      throw toAppError(error);
    }
    if (fd === undefined) return undefined;
    const stats = fstatSync(fd, { bigint: true });
    if (stats.isFile() && idOf(stats) === file.id) return new TextFile(file.path, fd, stats, maxDecompressedBytes);
    closeSync(fd);
    return undefined;
  }

  /**
   * Opens a file directly in the root by its name, without a lookup, since it follows no link.
   * Returns `undefined` unless it is a readable regular file.
   */
  static openDirectly(root: string, name: string, maxDecompressedBytes: number): TextFile | undefined {
    let fd: number;
    try {
      fd = openSync(join(root, name), constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    } catch {
      // The slow path reports the error.
      return undefined;
    }
    const stats = fstatSync(fd, { bigint: true });
    if (stats.isFile() && isReadable(stats)) return new TextFile(name, fd, stats, maxDecompressedBytes);
    closeSync(fd);
    return undefined;
  }

  /** The file as it was when it was opened. */
  get file(): DictionaryFile {
    return toDictionaryFile(this.path, this.#stats);
  }

  get identity(): FileIdentity {
    return this.#stats;
  }

  /** The offset of the text in the file, which follows a byte order mark. */
  get textOffset(): number {
    return this.#start;
  }

  get isCompressed(): boolean {
    return isCompressed(this.path);
  }

  /** Ignores a byte order mark in a file that needs decoding. */
  get hasByteOrderMark(): boolean {
    return this.#start > 0;
  }

  /** Opens the same file again, whose offset is then at its start. Throws system errors. */
  reopen(): number {
    try {
      return openSync(descriptorPath(this.fd), constants.O_RDONLY);
    } catch (error) {
      throw toAppError(error);
    }
  }

  /**
   * Like `reopen`, but moves the offset past a byte order mark. Returns `undefined` if the file
   * can't be opened again, as when its mode has changed.
   */
  tryReopenText(): number | undefined {
    if (!hasProc) return undefined;
    try {
      const fd = this.reopen();
      skipMark(fd);
      return fd;
    } catch {
      return undefined;
    }
  }

  /** Copies the text as `copyText` does. */
  copy(): UnlinkedFile | undefined {
    return copyText(this.fd);
  }

  /** Returns the text of a small file that needs no decoding, without a byte order mark. */
  readWhole(): Buffer {
    const text = Buffer.allocUnsafe(Number(this.#stats.size) - this.#start);
    return text.subarray(0, readSync(this.fd, text, 0, text.length, this.#start));
  }

  /**
   * Yields the text in UTF-8, decompressed and without a byte order mark. Throws the signal's
   * reason, or `damaged_dictionary` if decoding fails or yields more than `maxDecompressedBytes`.
   *
   * @param onRead gets the number of bytes read from the file, before decoding
   */
  read(signal: AbortSignal, onRead?: (bytes: number) => void): AsyncGenerator<Buffer, void, void> {
    return this.#read(signal, { chunkBytes: CHUNK_BYTES, onRead });
  }

  async *#read(
    signal: AbortSignal,
    { chunkBytes, onRead, onEncoding }: ReadOptions,
  ): AsyncGenerator<Buffer, void, void> {
    if (!this.needsDecoding) {
      onEncoding?.('utf-8');
      yield* this.#bytes(signal, chunkBytes, onRead);
      return;
    }
    const bytes = this.isCompressed
      ? this.#decompressed(signal, chunkBytes, onRead)
      : this.#bytes(signal, chunkBytes, onRead);
    let textBytes = 0;
    for await (const chunk of decodeText(bytes, { declared: this.#declared, onEncoding })) {
      textBytes += chunk.length;
      if (textBytes > this.#maxDecompressedBytes) {
        throw this.#damagedError(`${this.isCompressed ? 'decompresses' : 'decodes'} to more than the limit`);
      }
      yield chunk;
    }
  }

  async *#decompressed(
    signal: AbortSignal,
    chunkBytes: number,
    onRead?: (bytes: number) => void,
  ): AsyncGenerator<Buffer, void, void> {
    // zlib runs in libuv's thread pool.
    const gunzip = createGunzip({ chunkSize: chunkBytes });
    // The loop below gets the same error from `gunzip`.
    pipeline(this.#bytes(signal, chunkBytes, onRead), gunzip).catch(() => {});
    try {
      yield* gunzip;
    } catch (error) {
      if (!isZlibError(error)) throw error;
      throw this.#damagedError(`cannot be decompressed: ${error.message}`, error);
    }
    // Node.js ignores everything after the first zero byte that follows a member.
    for await (const chunk of this.#bytes(signal, chunkBytes, undefined, gunzip.bytesWritten)) {
      if (chunk.some((byte) => byte !== 0)) throw this.#damagedError('cannot be decompressed: trailing garbage');
    }
  }

  async *#bytes(
    signal: AbortSignal,
    chunkBytes: number,
    onRead?: (bytes: number) => void,
    from = this.#start,
  ): AsyncGenerator<Buffer, void, void> {
    let position = from;
    onRead?.(position);
    for (;;) {
      signal.throwIfAborted();
      const { bytesRead, buffer } = await promisify(read)(
        this.fd,
        Buffer.allocUnsafe(chunkBytes),
        0,
        chunkBytes,
        position,
      );
      if (bytesRead === 0) return;
      onRead?.(bytesRead);
      yield buffer.subarray(0, bytesRead);
      position += bytesRead;
    }
  }

  #damagedError(what: string, cause?: Error): AppError {
    return new AppError('damaged_dictionary', `The file ${JSON.stringify(this.path)} ${what}.`, { cause });
  }

  /** Counts the words of the text as `countWords` does. Throws as `read` does. */
  countWords(signal: AbortSignal): Promise<number> {
    return countWords(this.#scan(signal));
  }

  has(trait: Trait, signal: AbortSignal): Promise<boolean> {
    return hasTrait(this.#scan(signal), trait);
  }

  /** Reads the whole text to find out its encoding. Throws as `read` does. */
  async detectEncoding(signal: AbortSignal): Promise<DetectedEncoding> {
    let name = 'utf-8';
    const onEncoding = (encoding: string) => {
      name = encoding;
    };
    const detected = await detectEncoding(this.#scan(signal, onEncoding));
    return name === 'utf-8' ? detected : { isDecoded: true, name };
  }

  #scan(signal: AbortSignal, onEncoding?: (name: string) => void): AsyncGenerator<Buffer, void, void> {
    // iconv-lite decodes on this thread: a large chunk would delay other requests.
    const isTranscoded = this.#declared !== undefined || this.needsDecoding !== this.isCompressed;
    return this.#read(signal, { chunkBytes: isTranscoded ? CHUNK_BYTES : SCAN_CHUNK_BYTES, onEncoding });
  }

  get #declared(): string | undefined {
    return declaredEncoding(this.path)?.name;
  }

  /**
   * Whether the text has changed since it was opened. Renaming the file or changing its mode
   * doesn't count.
   */
  hasChanged(): boolean {
    const { size, mtimeNs, ctimeNs, nlink, mode } = this.#stats;
    // A synchronous fstat(2) is quicker than libuv's thread pool.
    const now = fstatSync(this.fd, { bigint: true });
    if (now.size !== size || now.mtimeNs !== mtimeNs) return true;
    return now.ctimeNs !== ctimeNs && now.nlink === nlink && now.mode === mode;
  }

  /** Must be called once, after all reading has ended. */
  close(): void {
    closeSync(this.fd);
  }
}

function isZlibError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
}
