// Text is sent compressed to those who take it so. Not what is sent as it comes: that would wait in the compressor.
import type { Middleware } from 'koa';
import compress from 'koa-compress';

/** Less is not worth the time of it, in bytes. */
export const COMPRESSED_BYTES = 1024;

export function compression(): Middleware {
  return compress({ threshold: COMPRESSED_BYTES, deflate: false });
}
