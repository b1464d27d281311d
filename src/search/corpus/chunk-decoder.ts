// Decodes a text in chunks that may end within a character, and encodes it in UTF-8.
import { getDecoder } from 'iconv-lite';
import { withoutUnassigned } from './gb18030.js';

const BOM = '\ufeff';
const REPLACEMENT = '\ufffd';

/** The decoders of iconv-lite for encodings of several bytes keep the start of a character. */
type Decoder = ReturnType<typeof getDecoder> & { prevBytes?: number[] };

export class ChunkDecoder {
  readonly #encoding: string;
  #decoder: Decoder;
  #hasBegun = false;
  /** The first half of a surrogate pair at the end of the last chunk. */
  #highSurrogate = '';
  /** Whether the bytes so far end within a code unit, for UTF-16. */
  #isOdd = false;

  constructor(encoding: string) {
    this.#encoding = encoding;
    this.#decoder = this.#createDecoder();
  }

  decode(chunk: Buffer): Buffer {
    this.#isOdd = this.#isOdd !== (chunk.length % 2 === 1);
    const bytes = this.#withStart(chunk);
    return this.#encode(this.#decoder.write(bytes));
  }

  end(): Buffer {
    // iconv-lite drops half a code unit.
    const half = this.#encoding.startsWith('utf-16') && this.#isOdd ? REPLACEMENT : '';
    return this.#encode((this.#decoder.end() ?? '') + half, true);
  }

  /**
   * Puts the start of a character before the rest of it. iconv-lite 0.7 has no room for characters
   * that begin in an earlier chunk, and so loses others (pillarjs/iconv-lite#417).
   */
  #withStart(chunk: Buffer): Buffer {
    const { prevBytes: start = [] } = this.#decoder;
    const text = start.length === 0 ? chunk : Buffer.concat([Buffer.from(start), chunk]);
    if (start.length > 0) this.#decoder = this.#createDecoder();
    return this.#encoding === 'gb18030' ? withoutUnassigned(text) : text;
  }

  #createDecoder(): Decoder {
    return getDecoder(this.#encoding, { stripBOM: false });
  }

  /** Buffer.from turns a lone surrogate into U+FFFD. */
  #encode(decoded: string, isLast = false): Buffer {
    let text = this.#highSurrogate + decoded;
    this.#highSurrogate = '';
    if (!isLast && isHighSurrogate(text.charCodeAt(text.length - 1))) {
      this.#highSurrogate = text.slice(-1);
      text = text.slice(0, -1);
    }
    if (!this.#hasBegun && text.length > 0) {
      this.#hasBegun = true;
      if (text.startsWith(BOM)) text = text.slice(1);
    }
    return Buffer.from(text);
  }
}

function isHighSurrogate(codeUnit: number): boolean {
  return (codeUnit & 0xfc00) === 0xd800;
}
