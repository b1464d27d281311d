// A query that fails in mid-answer: ClickHouse then writes the failure behind what it has sent, which is no part of the answer, and breaks the answer off.
import { ClickHouseError } from '@clickhouse/client';

/**
 * What was sent before that, if it was. The tag is that of the response (`X-ClickHouse-Exception-Tag`), another one each time, so that no text is taken for the mark before a failure.
 * Throws a ClickHouseError for one.
 */
export async function* withoutFailure(pieces: AsyncIterable<Buffer>, tag: string): AsyncGenerator<Buffer, void, void> {
  const mark = Buffer.from(`\r\n__exception__\r\n${tag}\r\n`);
  // What may be the beginning of the mark is held until it is known to be none.
  const most = mark.length - 1;
  let held: Buffer = Buffer.alloc(0);
  /** What follows the mark. */
  let failure: Buffer[] | undefined;
  try {
    for await (const piece of pieces) {
      if (failure !== undefined) {
        failure.push(piece);
        continue;
      }
      const seam = Buffer.concat([held, piece.subarray(0, most)]);
      const at = seam.indexOf(mark);
      const inPiece = at === -1 ? piece.indexOf(mark) : -1;
      if (at !== -1) failure = [Buffer.concat([held, piece]).subarray(at + mark.length)];
      else if (inPiece !== -1) failure = [piece.subarray(inPiece + mark.length)];
      else if (piece.length > most) {
        if (held.length > 0) yield held;
        yield piece.subarray(0, -most);
        held = piece.subarray(-most);
      } else {
        if (seam.length > most) yield seam.subarray(0, -most);
        held = seam.subarray(-most);
      }
    }
  } catch (error) {
    if (failure === undefined) throw error;
  }
  if (failure !== undefined) throw failureOf(Buffer.concat(failure).toString());
  if (held.length > 0) yield held;
}

/** `Code: 210. DB::Exception: Connection refused. (NETWORK_ERROR) (version …)` */
function failureOf(text: string): ClickHouseError {
  const [, code = '', message = text] = /^Code: (\d+)\. (?:DB::(?:\w+)?Exception: )?(.*)/s.exec(text) ?? [];
  return new ClickHouseError({ code, message, type: undefined });
}
