// Turns CRLF line ends into LF, for a grep whose pattern could match the `\r`.

const CR = 0x0d;
const NEWLINE = 0x0a;

/** Yields the bytes without the `\r` of each `\r\n`. A `\r` at the very end becomes `\n`. */
export async function* withoutCr(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, void> {
  let endsInCr = false;
  for await (const chunk of chunks) {
    if (endsInCr && chunk[0] !== NEWLINE) yield Buffer.from('\r');
    // Whether a last `\r` is dropped depends on the next chunk.
    endsInCr = chunk.at(-1) === CR;
    const end = endsInCr ? chunk.length - 1 : chunk.length;
    // Compacts in place, since nothing else references the chunk.
    const firstCrlf = chunk.indexOf('\r\n');
    let to = firstCrlf === -1 ? end : firstCrlf;
    for (let from = to; from < end; from += 1) {
      const byte = chunk[from] as number;
      if (byte === CR && chunk[from + 1] === NEWLINE) continue;
      chunk[to] = byte;
      to += 1;
    }
    if (to > 0) yield chunk.subarray(0, to);
  }
  if (endsInCr) yield Buffer.from('\n');
}
