// Turns CRLF line ends into LF, for a grep whose pattern could match the `\r`.

const CR = 0x0d;
const NEWLINE = 0x0a;

/** Yields the bytes without the `\r` of each `\r\n`. A `\r` at the very end becomes `\n`. */
export async function* withoutCr(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, void> {
  let endsInCr = false;
  for await (const piece of pieces) {
    if (endsInCr && piece[0] !== NEWLINE) yield Buffer.from('\r');
    // Whether a last `\r` is dropped depends on the next piece.
    endsInCr = piece.at(-1) === CR;
    const end = endsInCr ? piece.length - 1 : piece.length;
    // Compacts in place, since nothing else references the piece.
    const firstCrlf = piece.indexOf('\r\n');
    let to = firstCrlf === -1 ? end : firstCrlf;
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
