// Turns the bytes of a text into UTF-8 without a byte order mark.
import { MAX_MARK_BYTES, markOf } from './byte-order-mark.js';
import { ChunkDecoder } from './chunk-decoder.js';

const UTF8_BOM = Buffer.from('\ufeff');

export interface DecodeOptions {
  /** The declared encoding, if any. A byte order mark overrides it, as in the Encoding Standard. */
  declared: string | undefined;
  /** Called once, with the encoding in which the text is read. */
  onEncoding?: ((name: string) => void) | undefined;
}

/** Yields the text. What isn't a character in its encoding becomes U+FFFD. */
export async function* decodeText(
  chunks: AsyncIterable<Buffer>,
  { declared, onEncoding }: DecodeOptions,
): AsyncGenerator<Buffer, void, void> {
  let start: Buffer | undefined = Buffer.alloc(0);
  let decoder: ChunkDecoder | undefined;
  const begin = (text: Buffer): Buffer => {
    const encoding = markOf(text) ?? declared ?? 'utf-8';
    onEncoding?.(encoding);
    if (encoding !== 'utf-8') decoder = new ChunkDecoder(encoding);
    return decoder?.decode(text) ?? withoutMark(text);
  };
  for await (const chunk of chunks) {
    let text: Buffer;
    if (start === undefined) text = decoder?.decode(chunk) ?? chunk;
    else {
      start = start.length === 0 ? chunk : Buffer.concat([start, chunk]);
      if (start.length < MAX_MARK_BYTES) continue;
      text = begin(start);
      start = undefined;
    }
    if (text.length > 0) yield text;
  }
  const last = start === undefined ? [] : [begin(start)];
  for (const text of [...last, decoder?.end()]) if (text !== undefined && text.length > 0) yield text;
}

function withoutMark(text: Buffer): Buffer {
  return text.subarray(0, UTF8_BOM.length).equals(UTF8_BOM) ? text.subarray(UTF8_BOM.length) : text;
}
