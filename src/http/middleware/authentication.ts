// Authenticates callers by API key: as a bearer token (RFC 6750), or as the password of Basic
// authentication (RFC 7617), for which browsers prompt.
import type { Next } from 'koa';
import type { ApiKeys } from '../../auth/api-keys.js';
import { isExpired, type KeyLimits } from '../../auth/key-limits.js';
import { AppError } from '../../errors.js';
import type { QueryEngine } from '../../search/query.js';
import { ASSETS_PATH } from '../pages/assets.js';
import type { RequestContext, RequestMiddleware } from '../request-state.js';
import { type Route, routes } from '../routes.js';

/** Documentation and health checks, which reveal nothing about the texts. */
const PUBLIC_PATHS = new Set(
  Object.values<Route>(routes)
    .filter(({ isPublic }) => isPublic)
    .map(({ path }) => path),
);

/** Returns the engine with only the dictionaries whose names match one of the globs. */
export type ViewOf = (globs: readonly string[] | undefined) => QueryEngine;

/**
 * Sets `ctx.state.key` to the name of the caller's key and, if it is limited, `ctx.state.limits` and
 * `ctx.engine`. Throws `unauthorized` and `expired_key`.
 */
export function authentication(keys: ApiKeys, viewOf: ViewOf): RequestMiddleware {
  return (ctx: RequestContext, next: Next) => {
    if (PUBLIC_PATHS.has(ctx.path) || ctx.path.startsWith(`${ASSETS_PATH}/`)) return next();
    const key = parseAuthorization(ctx.req.headers.authorization);
    if (key === undefined) throw new AppError('unauthorized', 'Missing API key. Send "Authorization: Bearer <key>".');
    const known = keys.find(key);
    if (known === undefined) throw new AppError('unauthorized', 'Unknown API key.');
    ctx.state.key = known.name;
    if (known.limits !== undefined) applyLimits(ctx, known.limits, viewOf);
    return next();
  };
}

function applyLimits(ctx: RequestContext, limits: KeyLimits, viewOf: ViewOf): void {
  if (isExpired(limits, Date.now()))
    throw new AppError('expired_key', `The API key expired at the end of ${limits.expires} (UTC).`);
  ctx.state.limits = limits;
  ctx.engine = viewOf(limits.dictionaries);
}

/** Returns the key, or `undefined` if the header is missing, malformed, or of another scheme. */
function parseAuthorization(header: string | undefined): string | undefined {
  const [, scheme, credentials] = /^(bearer|basic) +([\w.~+/=-]+) *$/i.exec(header ?? '') ?? [];
  if (scheme === undefined || credentials === undefined) return undefined;
  if (scheme.toLowerCase() === 'bearer') return credentials;
  const [, password] = /^[^:]*:(.*)$/s.exec(Buffer.from(credentials, 'base64').toString()) ?? [];
  return password;
}
