// Compresses answers for clients that accept it: whole ones only, as a streamed answer would wait in the compressor.
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Context, Middleware, Next } from 'koa';
import { Semaphore } from '../concurrency/semaphore.js';

/** Compressing a smaller body costs more than it saves. */
const MIN_BYTES = 1024;

/** Compressing an answer of the API takes as long as ten cached ones, and less than this arrives in one round trip. */
export const COMPRESSED_ANSWER_BYTES = 8 * 1024;

/** A compressor takes megabytes; more of them than libuv has threads would only wait for each other. */
const MAX_AT_A_TIME = 4;

/** In order of preference. */
const encodings = ['br', 'gzip'] as const;
type Encoding = (typeof encodings)[number];

/** Compresses bytes: `once` where the result is kept, so that it may take longer. */
export type Compress = (encoding: Encoding, bytes: Buffer, once: boolean) => Promise<Buffer>;

/**
 * A route whose body is always the same sets `ctx.state.compressOnce` to an object that lives as long as the body: it is
 * then compressed once for all clients.
 */
export function compression(compress: Compress = compressWithZlib): Middleware {
  const semaphore = new Semaphore(MAX_AT_A_TIME);
  const kept = new WeakMap<object, Map<Encoding, Promise<Buffer>>>();

  return async (ctx: Context, next: Next) => {
    await next();
    ctx.vary('Accept-Encoding');
    const { body } = ctx;
    if (ctx.compress === false || ctx.method === 'HEAD' || !(typeof body === 'string' || Buffer.isBuffer(body))) return;
    if (body.length < MIN_BYTES) return;
    const encoding = ctx.acceptsEncodings(...encodings, 'identity');
    if (encoding !== 'br' && encoding !== 'gzip') return;
    const { compressOnce } = ctx.state;
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    const compressed = compressOnce ? once(compressOnce, encoding, bytes) : forClient(ctx, encoding, bytes);
    ctx.body = await compressed;
    ctx.set('Content-Encoding', encoding);
  };

  function once(key: object, encoding: Encoding, bytes: Buffer): Promise<Buffer> {
    const results = kept.get(key) ?? new Map<Encoding, Promise<Buffer>>();
    kept.set(key, results);
    const result = results.get(encoding) ?? semaphore.run(() => compress(encoding, bytes, true));
    results.set(encoding, result);
    // The next client tries again.
    result.catch(() => results.delete(encoding));
    return result;
  }

  function forClient(ctx: Context, encoding: Encoding, bytes: Buffer): Promise<Buffer> {
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
