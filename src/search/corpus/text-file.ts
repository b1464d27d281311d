// A file of a dictionary, opened: its text as it was when it was opened, also where the file is replaced or removed meanwhile.
import { type BigIntStats, closeSync, constants, fstatSync, openSync, read } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createGunzip } from 'node:zlib';
import { AppError } from '../../errors.js';
import type { UnlinkedFile } from '../../process/unlinked-file.js';
import { copyText, skipByteOrderMark, withoutByteOrderMark } from './byte-order-mark.js';
import { asFile, type DictionaryFile, idOf, versionOf } from './dictionary-file.js';
import { isReadable, toAppError } from './dictionary-root.js';
import { openBeneath } from './open-beneath.js';

/** What the way in which a text is read depends on: that a line ends in `\r\n`; that a line is `%` alone (strfile(1)). */
export type Trait = 'crlf' | 'fortune';

export interface OpenOptions {
  /** The dictionaries folder, as an absolute path free of links. */
  root: string;
  file: DictionaryFile;
  /** The most that a packed file may unpack to. */
  maxUnpackedBytes: number;
}

const PIECE_BYTES = 64 * 1024;
/** For who only looks through a text: fewer pieces, less work. */
const LOOK_BYTES = 512 * 1024;

const CR = 0x0d;
const NEWLINE = 0x0a;
const PERCENT = 0x25;

export class TextFile {
  readonly path: string;
  /**
   * For a program's standard input, once: it reads on from where the last reader stopped. At first
   * that is behind the byte order mark; a program that opens the file again reads the mark, too.
   */
  readonly fd: number;
  /** Of the file when it was opened. */
  readonly version: string;
  /** When anything about the file was changed last, when it was opened. */
  readonly changedMs: number;
  /** When it was opened. */
  readonly #stats: BigIntStats;
  readonly #maxUnpackedBytes: number;
  /** Where in the file its text begins, or what is packed. */
  readonly #begin: number;

  private constructor(path: string, fd: number, stats: BigIntStats, maxUnpackedBytes: number) {
    this.path = path;
    this.fd = fd;
    this.version = versionOf(stats);
    this.changedMs = Number(stats.ctimeMs);
    this.#stats = stats;
    this.#maxUnpackedBytes = maxUnpackedBytes;
    try {
      this.#begin = this.isPacked ? 0 : skipByteOrderMark(fd);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  /** Nothing where the file is no longer the one that was found: it was replaced or removed. Throws what else opening it throws. */
  static open({ root, file, maxUnpackedBytes }: OpenOptions): TextFile | undefined {
    let fd: number | undefined;
    try {
      fd = openBeneath(root, file.realPath, constants.O_RDONLY);
    } catch (error) {
      throw toAppError(error);
    }
    if (fd === undefined) return undefined;
    const stats = fstatSync(fd, { bigint: true });
    if (stats.isFile() && idOf(stats) === file.id) return new TextFile(file.path, fd, stats, maxUnpackedBytes);
    closeSync(fd);
    return undefined;
  }

  /**
   * A file that lies directly in the root, by its name, in one step: as no link is followed, there is nothing to be looked up before. Nothing where it is
   * anything but a regular file that may be read.
   */
  static openDirectly(root: string, name: string, maxUnpackedBytes: number): TextFile | undefined {
    let fd: number;
    try {
      fd = openSync(join(root, name), constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    } catch {
      // Who looks it up again is told why.
      return undefined;
    }
    const stats = fstatSync(fd, { bigint: true });
    if (stats.isFile() && isReadable(stats)) return new TextFile(name, fd, stats, maxUnpackedBytes);
    closeSync(fd);
    return undefined;
  }

  /** As it was when it was opened. */
  get file(): DictionaryFile {
    return asFile(this.path, this.#stats);
  }

  get isPacked(): boolean {
    return isPacked(this.path);
  }

  /** Whether the file itself begins with a byte order mark: what it unpacks to may, too. */
  get hasByteOrderMark(): boolean {
    return this.#begin > 0;
  }

  /** Copies the text as `copyText` does. */
  copy(): UnlinkedFile | undefined {
    return copyText(this.fd);
  }

  /**
   * The text, unpacked and without a byte order mark. Throws the signal's reason, or
   * `damaged_dictionary` if it can't be unpacked or unpacks to more than it may.
   *
   * @param onRead is told how many bytes of the file, packed where it is packed, were read
   */
  read(signal: AbortSignal, onRead?: (bytes: number) => void): AsyncGenerator<Buffer, void, void> {
    return this.#read(signal, PIECE_BYTES, onRead);
  }

  async *#read(
    signal: AbortSignal,
    pieceBytes: number,
    onRead?: (bytes: number) => void,
  ): AsyncGenerator<Buffer, void, void> {
    const bytes = this.#bytes(signal, pieceBytes, onRead);
    if (!this.isPacked) {
      yield* bytes;
      return;
    }
    // zlib works in threads of its own.
    const gunzip = createGunzip({ chunkSize: pieceBytes });
    const fed = pipeline(bytes, gunzip);
    // It fails for those who read from it, too.
    fed.catch(() => {});
    let unpackedBytes = 0;
    try {
      for await (const piece of withoutByteOrderMark(gunzip)) {
        unpackedBytes += piece.length;
        if (unpackedBytes > this.#maxUnpackedBytes) throw this.#damaged('unpacks to more than it may');
        yield piece;
      }
    } catch (error) {
      if (!isZlibError(error)) throw error;
      throw this.#damaged(`can not be unpacked: ${error.message}`, error);
    }
    // Node stops at the first zero after a member and ignores the rest, whatever it is.
    for await (const piece of this.#bytes(signal, pieceBytes, undefined, gunzip.bytesWritten)) {
      if (piece.some((byte) => byte !== 0)) throw this.#damaged('can not be unpacked: trailing garbage');
    }
  }

  async *#bytes(
    signal: AbortSignal,
    pieceBytes: number,
    onRead?: (bytes: number) => void,
    from = this.#begin,
  ): AsyncGenerator<Buffer, void, void> {
    let position = from;
    onRead?.(position);
    for (;;) {
      signal.throwIfAborted();
      const { bytesRead, buffer } = await promisify(read)(
        this.fd,
        Buffer.allocUnsafe(pieceBytes),
        0,
        pieceBytes,
        position,
      );
      if (bytesRead === 0) return;
      onRead?.(bytesRead);
      yield buffer.subarray(0, bytesRead);
      position += bytesRead;
    }
  }

  #damaged(what: string, cause?: Error): AppError {
    return new AppError('damaged_dictionary', `The file ${JSON.stringify(this.path)} ${what}.`, { cause });
  }

  async has(trait: Trait, signal: AbortSignal): Promise<boolean> {
    const isIn = traits[trait];
    // What is looked for may begin in one piece and end in the next. Before the text and after it is as good as a line end.
    let last = Buffer.from('\n');
    for await (const piece of this.#read(signal, LOOK_BYTES)) {
      if (isIn(Buffer.concat([last, piece.subarray(0, 3)])) || isIn(piece)) return true;
      last = Buffer.concat([last, piece.subarray(-3)]).subarray(-3);
    }
    return isIn(Buffer.concat([last, Buffer.from('\n')]));
  }

  /** Whether its text was changed since it was opened. That another file has its name now, or that its mode is another one, is no change. */
  wasChanged(): boolean {
    const { size, mtimeNs, ctimeNs, nlink, mode } = this.#stats;
    // Of a file that is open the system knows by heart: a detour by libuv's threads would take longer than that.
    const now = fstatSync(this.fd, { bigint: true });
    if (now.size !== size || now.mtimeNs !== mtimeNs) return true;
    return now.ctimeNs !== ctimeNs && now.nlink === nlink && now.mode === mode;
  }

  /** Once, when nobody reads from it any more. */
  close(): void {
    closeSync(this.fd);
  }
}

export function isPacked(path: string): boolean {
  return path.endsWith('.gz');
}

/** The same bytes, without the `\r` of each `\r\n`; one at the very end ends the last line, too. */
export async function* withoutCr(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, void> {
  let endsInCr = false;
  for await (const piece of pieces) {
    if (endsInCr && piece[0] !== NEWLINE) yield Buffer.from('\r');
    // What follows this one decides about it.
    endsInCr = piece.at(-1) === CR;
    const end = endsInCr ? piece.length - 1 : piece.length;
    // In place: nobody else holds the piece.
    let to = piece.indexOf('\r\n');
    if (to === -1) to = end;
    for (let from = to; from < end; from += 1) {
      const byte = piece[from] as number;
      if (byte === CR && piece[from + 1] === NEWLINE) continue;
      piece[to] = byte;
      to += 1;
    }
    if (to > 0) yield piece.subarray(0, to);
  }
  if (endsInCr) yield Buffer.from('\n');
}

const traits: Record<Trait, (bytes: Buffer) => boolean> = {
  crlf: (bytes) => bytes.includes('\r\n'),
  fortune: holdsPercentLine,
};

/** Few texts hold many %: to look at each is quicker than to look at each line, but where they are many it is not. */
const MAX_PERCENTS = 1000;

function holdsPercentLine(bytes: Buffer): boolean {
  let at = -1;
  for (let percents = 0; percents < MAX_PERCENTS; percents += 1) {
    at = bytes.indexOf(PERCENT, at + 1);
    if (at === -1) return false;
    if (/^\n%\r?\n/.test(bytes.toString('latin1', at - 1, at + 3))) return true;
  }
  return bytes.includes('\n%\n', at) || bytes.includes('\n%\r\n', at);
}

function isZlibError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
}
