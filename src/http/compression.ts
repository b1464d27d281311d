// Text is sent compressed to those who take it so. Not what is sent as it comes: that would wait in the compressor.
import type { Context, Middleware, Next } from 'koa';
import compress from 'koa-compress';

/** Less is not worth the time of it, in bytes. */
const COMPRESSED_BYTES = 1024;

/** Answers of the API: compressing one takes as long as ten that are remembered, and less than this is on its way in one round trip. */
export const COMPRESSED_ANSWER_BYTES = 8 * 1024;

export function compression(): Middleware {
  const compressing = compress({ threshold: COMPRESSED_BYTES, deflate: false });
  return (ctx: Context, next: Next) => {
    // Who takes nothing of it, not even what is not compressed, gets that all the same (RFC 9110, section 12.5.3); koa-compress 5.2 fails there.
    if (ctx.acceptsEncodings('br', 'gzip', 'identity') === false) ctx.compress = false;
    return compressing(ctx, next);
  };
}
