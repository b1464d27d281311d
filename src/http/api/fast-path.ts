// Shortcuts for `POST /api/v1/json`, which is nearly all traffic. Without them, a cached answer
// takes about 1.4 times as much CPU time (`npm run bench`, "grepd, one term"). They are optional:
// every request could take the regular path.
import type { IncomingMessage } from 'node:http';
import { AppError } from '../../errors.js';
import type { RequestContext, RequestMiddleware } from '../request-state.js';
import { API_ROUTE } from '../routes.js';
import { type AnswerFormat, VARY } from './answer-format.js';
import type { CompleteAnswer } from './render-answer.js';

/**
 * The minimum size for compression, which costs as much as ten cached answers. A smaller response
 * arrives in one round trip anyway.
 */
const MIN_COMPRESSED_BYTES = 8 * 1024;

/**
 * Skips the router, and the security headers, which are for pages. Skips compression too if the
 * client doesn't accept any. A POST with a query, or to another path, isn't affected.
 */
export function apiFastPath(
  answer: (ctx: RequestContext) => Promise<void>,
  compress: RequestMiddleware,
): RequestMiddleware {
  return (ctx, next) => {
    if (ctx.req.method !== 'POST' || ctx.req.url !== API_ROUTE) return next();
    ctx._matchedRoute = API_ROUTE;
    return acceptsEncoding(ctx) ? compress(ctx, () => answer(ctx)) : answer(ctx);
  };
}

/**
 * Sends a complete answer without Koa, which would compute its type and length again. Returns
 * `false`, and sends nothing, if the answer is worth compressing, which is left to the middleware.
 */
export function trySend(ctx: RequestContext, { headers }: AnswerFormat, answer: CompleteAnswer): boolean {
  const { body, isLarge, summaryFields } = answer;
  // A large answer is shared, and compressing it would give each client a copy.
  if (acceptsEncoding(ctx) && body.length >= MIN_COMPRESSED_BYTES && !isLarge) return false;
  const { res } = ctx;
  ctx.respond = false;
  res.statusCode = 200;
  for (const name in headers) res.setHeader(name, headers[name] as string);
  for (const name in summaryFields) res.setHeader(name, summaryFields[name] as string);
  // CORS sets Vary too.
  if (res.hasHeader('Vary')) ctx.vary(VARY);
  else res.setHeader('Vary', VARY);
  res.end(body);
  return true;
}

/**
 * Reads a body whose length is known, without waiting for `end`, which would reduce the throughput
 * of cached answers by a tenth. Throws `invalid_request` if the body is incomplete.
 */
export function readKnownLength(request: IncomingMessage, length: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let missingBytes = length;
    // Node.js never emits more than the announced length.
    request.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      missingBytes -= chunk.length;
      if (missingBytes === 0) resolve(chunks.length === 1 ? chunk : Buffer.concat(chunks));
    });
    request.once('close', () => {
      if (missingBytes > 0) reject(new AppError('invalid_request', 'The body is incomplete.'));
    });
  });
}

function acceptsEncoding({ req }: RequestContext): boolean {
  return req.headers['accept-encoding'] !== undefined;
}
