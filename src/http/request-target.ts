// The request target, as clients may write it (RFC 9112, section 3.2).
import type { Context, Next } from 'koa';
import { AppError } from '../errors.js';
import { show } from '../fields.js';

/** `http://host:port/path?query`: the authority, and what follows it. */
const ABSOLUTE = /^https?:\/\/([^/?#@]+)([/?].*)?$/i;

/**
 * Reduces an absolute target to its path and query, and takes the host from it. A target that is neither a path nor an
 * address becomes `/` and stands in `ctx.state.malformedTarget`: Koa's `ctx.path` throws for some of them.
 */
export function normalizeTarget(ctx: Context, next: Next): Promise<void> {
  const { req } = ctx;
  const target = req.url ?? '';
  if (target.startsWith('/') || (target === '*' && req.method === 'OPTIONS')) return next();
  const [, host, rest = '/'] = ABSOLUTE.exec(target) ?? [];
  if (host !== undefined && URL.canParse(target)) {
    req.url = rest.startsWith('/') ? rest : `/${rest}`;
    // Section 3.2.2: the Host header is ignored then.
    req.headers.host = host;
  } else {
    ctx.state.malformedTarget = target;
    req.url = '/';
  }
  return next();
}

/** Throws `invalid_request` for a target that `normalizeTarget` could not read. */
export function rejectMalformedTarget(ctx: Context, next: Next): Promise<void> {
  const { malformedTarget } = ctx.state;
  if (malformedTarget === undefined) return next();
  throw new AppError(
    'invalid_request',
    `The request target must be a path or an http address, got ${show(malformedTarget)}.`,
  );
}
