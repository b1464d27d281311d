// A query that fails after its response has begun: ClickHouse appends the exception to the output,
// after a marker, and closes the connection.
import { ClickHouseError } from '@clickhouse/client';

/**
 * Yields the output of a query, and throws a ClickHouseError for an exception at its end. `tag` is
 * the header `X-ClickHouse-Exception-Tag`: random, so that no output contains the marker.
 */
export async function* detectException(chunks: AsyncIterable<Buffer>, tag: string): AsyncGenerator<Buffer, void, void> {
  const marker = Buffer.from(`\r\n__exception__\r\n${tag}\r\n`);
  // The last bytes are held back, because they may be the beginning of the marker.
  const maxHeldBytes = marker.length - 1;
  let held: Buffer = Buffer.alloc(0);
  /** What follows the marker. */
  let exception: Buffer[] | undefined;
  try {
    for await (const chunk of chunks) {
      if (exception !== undefined) {
        exception.push(chunk);
        continue;
      }
      const seam = Buffer.concat([held, chunk.subarray(0, maxHeldBytes)]);
      const indexInSeam = seam.indexOf(marker);
      const indexInChunk = indexInSeam === -1 ? chunk.indexOf(marker) : -1;
      if (indexInSeam !== -1) exception = [Buffer.concat([held, chunk]).subarray(indexInSeam + marker.length)];
      else if (indexInChunk !== -1) exception = [chunk.subarray(indexInChunk + marker.length)];
      else if (chunk.length > maxHeldBytes) {
        if (held.length > 0) yield held;
        yield chunk.subarray(0, -maxHeldBytes);
        held = chunk.subarray(-maxHeldBytes);
      } else {
        if (seam.length > maxHeldBytes) yield seam.subarray(0, -maxHeldBytes);
        held = seam.subarray(-maxHeldBytes);
      }
    }
  } catch (error) {
    if (exception === undefined) throw error;
  }
  if (exception !== undefined) throw parseException(Buffer.concat(exception).toString());
  if (held.length > 0) yield held;
}

/** `Code: 210. DB::Exception: Connection refused. (NETWORK_ERROR) (version …)` */
function parseException(text: string): ClickHouseError {
  const [, code = '', message = text] = /^Code: (\d+)\. (?:DB::(?:\w+)?Exception: )?(.*)/s.exec(text) ?? [];
  return new ClickHouseError({ code, message, type: undefined });
}
