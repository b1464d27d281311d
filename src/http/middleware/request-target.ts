// Parses the request target in its valid forms (RFC 9112, section 3.2).
import type { Next } from 'koa';
import { renderValue } from '../../config/field-table.js';
import { AppError } from '../../errors.js';
import type { RequestContext } from '../request-state.js';

/** `http://host:port/path?query`: the authority, and what follows it. */
const ABSOLUTE = /^https?:\/\/([^/?#@]+)([/?].*)?$/i;

/**
 * Reduces an absolute target to its path and query, and sets the Host header from it. Replaces a
 * malformed target, for which Koa's `ctx.path` may throw, by `/`, and stores it in
 * `ctx.state.malformedTarget`.
 */
export function normalizeTarget(ctx: RequestContext, next: Next): Promise<void> {
  const { req } = ctx;
  const target = req.url ?? '';
  if (target.startsWith('/') || (target === '*' && req.method === 'OPTIONS')) return next();
  const [, host, rest = '/'] = ABSOLUTE.exec(target) ?? [];
  if (host !== undefined && URL.canParse(target)) {
    req.url = rest.startsWith('/') ? rest : `/${rest}`;
    // Section 3.2.2: an absolute target overrides the Host header.
    req.headers.host = host;
  } else {
    ctx.state.malformedTarget = target;
    req.url = '/';
  }
  return next();
}

/** Throws `invalid_request` for a target that `normalizeTarget` marked as malformed. */
export function rejectMalformedTarget(ctx: RequestContext, next: Next): Promise<void> {
  const { malformedTarget } = ctx.state;
  if (malformedTarget === undefined) return next();
  const expected = 'The request target must be a path or an http URL';
  throw new AppError('invalid_request', `${expected}, got ${renderValue(malformedTarget)}.`, {
    reason: `${expected}.`,
  });
}
