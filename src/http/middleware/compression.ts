// Compresses complete answers only: the compressor would hold back a streamed one.
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Context, Middleware, Next } from 'koa';
import { Semaphore } from '../../concurrency/semaphore.js';

/** Compressing a smaller body costs more than it saves. */
const MIN_BYTES = 1024;

/** The minimum for API answers: compressing costs as much as ten cached answers, and less than this
 * arrives in one round trip anyway. */
export const COMPRESSED_ANSWER_BYTES = 8 * 1024;

/** Each compressor takes megabytes, and libuv has four threads to run them. */
const MAX_CONCURRENT_COMPRESSIONS = 4;

/** In order of preference. */
const encodings = ['br', 'gzip'] as const;
type Encoding = (typeof encodings)[number];

/** Compresses bytes. `once` means that the result is cached, so a slower, higher level pays off. */
export type Compress = (encoding: Encoding, bytes: Buffer, once: boolean) => Promise<Buffer>;

/**
 * Compresses answers. For a constant body, a route sets `ctx.state.compressOnce` to an object that
 * lives as long as the body; the body is then compressed once for all clients.
 */
export function compression(compress: Compress = compressWithZlib): Middleware {
  const semaphore = new Semaphore(MAX_CONCURRENT_COMPRESSIONS);
  const kept = new WeakMap<object, Map<Encoding, Promise<Buffer>>>();

  return async (ctx: Context, next: Next) => {
    await next();
    ctx.vary('Accept-Encoding');
    const { body } = ctx;
    if (ctx.compress === false || !(typeof body === 'string' || Buffer.isBuffer(body))) return;
    if (body.length < MIN_BYTES) return;
    const encoding = ctx.acceptsEncodings(...encodings, 'identity');
    if (encoding !== 'br' && encoding !== 'gzip') return;
    const { compressOnce } = ctx.state;
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    const compressed = compressOnce ? compressShared(compressOnce, encoding, bytes) : compressFor(ctx, encoding, bytes);
    ctx.body = await compressed;
    ctx.set('Content-Encoding', encoding);
  };

  function compressShared(key: object, encoding: Encoding, bytes: Buffer): Promise<Buffer> {
    const results = kept.get(key) ?? new Map<Encoding, Promise<Buffer>>();
    kept.set(key, results);
    const result = results.get(encoding) ?? semaphore.run(() => compress(encoding, bytes, true));
    results.set(encoding, result);
    // Let the next client retry a failed compression.
    result.catch(() => results.delete(encoding));
    return result;
  }

  function compressFor(ctx: Context, encoding: Encoding, bytes: Buffer): Promise<Buffer> {
    return semaphore.run(async () => (ctx.res.closed ? bytes : compress(encoding, bytes, false)));
  }
}

const brotli = promisify(brotliCompress);
const gzipped = promisify(gzip);

function compressWithZlib(encoding: Encoding, bytes: Buffer, once: boolean): Promise<Buffer> {
  if (encoding === 'gzip') return gzipped(bytes);
  return brotli(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: once ? 9 : 4,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });
}
