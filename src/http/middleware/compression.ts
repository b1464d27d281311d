// Compresses complete answers only: the compressor would hold back a streamed one.
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Next } from 'koa';
import { Semaphore } from '../../concurrency/semaphore.js';
import type { RequestContext, RequestMiddleware } from '../request-state.js';

/** Compressing a smaller body costs more than it saves. */
const MIN_BYTES = 1024;

/** Each compressor takes megabytes, and libuv has four threads to run them. */
const MAX_CONCURRENT_COMPRESSIONS = 4;

/** In order of preference. */
const ENCODINGS = ['br', 'gzip'] as const;
type Encoding = (typeof ENCODINGS)[number];

/** Compresses bytes. `once` means that the result is cached, so a slower, higher level pays off. */
export type Compress = (encoding: Encoding, bytes: Buffer, once: boolean) => Promise<Buffer>;

/**
 * Compresses answers. For a constant body, a route sets `ctx.state.compressOnce` to an object that
 * lives as long as the body; the body is then compressed once for all clients.
 */
export function compression(compress: Compress = compressWithZlib): RequestMiddleware {
  const semaphore = new Semaphore(MAX_CONCURRENT_COMPRESSIONS);
  const results = new WeakMap<object, Map<Encoding, Promise<Buffer>>>();

  return async (ctx: RequestContext, next: Next) => {
    await next();
    ctx.vary('Accept-Encoding');
    const { body } = ctx;
    if (ctx.state.skipCompression || !(typeof body === 'string' || Buffer.isBuffer(body))) return;
    if (body.length < MIN_BYTES) return;
    const encoding = ctx.acceptsEncodings(...ENCODINGS, 'identity');
    if (encoding !== 'br' && encoding !== 'gzip') return;
    const { compressOnce } = ctx.state;
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    const compressed = compressOnce ? compressShared(compressOnce, encoding, bytes) : compressFor(ctx, encoding, bytes);
    ctx.body = await compressed;
    ctx.set('Content-Encoding', encoding);
  };

  function compressShared(key: object, encoding: Encoding, bytes: Buffer): Promise<Buffer> {
    const byEncoding = results.get(key) ?? new Map<Encoding, Promise<Buffer>>();
    results.set(key, byEncoding);
    const result = byEncoding.get(encoding) ?? semaphore.run(() => compress(encoding, bytes, true));
    byEncoding.set(encoding, result);
    // Let the next client retry a failed compression.
    result.catch(() => byEncoding.delete(encoding));
    return result;
  }

  function compressFor(ctx: RequestContext, encoding: Encoding, bytes: Buffer): Promise<Buffer> {
    return semaphore.run(async () => (ctx.res.closed ? bytes : compress(encoding, bytes, false)));
  }
}

const brotliAsync = promisify(brotliCompress);
const gzipAsync = promisify(gzip);

function compressWithZlib(encoding: Encoding, bytes: Buffer, once: boolean): Promise<Buffer> {
  if (encoding === 'gzip') return gzipAsync(bytes);
  return brotliAsync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: once ? 9 : 4,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });
}
