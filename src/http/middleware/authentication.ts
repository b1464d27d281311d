// Lets in who has a key (RFC 6750). Browsers, which have nowhere to put one, send it as the password of a user (RFC 7617).
import type { Context, Middleware, Next } from 'koa';
import type { ApiKeys } from '../../auth/api-keys.js';
import { AppError } from '../../errors.js';
import { ASSETS_PATH } from '../pages/assets.js';
import { type Route, routes } from '../routes.js';

/** Of what tells nothing of the texts, everybody is told: how the service is asked, and whether it is there. */
const OPEN = new Set(
  Object.values<Route>(routes)
    .filter(({ isOpen }) => isOpen)
    .map(({ path }) => path),
);

export function authentication(keys: ApiKeys): Middleware {
  return (ctx: Context, next: Next) => {
    if (OPEN.has(ctx.path) || ctx.path.startsWith(`${ASSETS_PATH}/`)) return next();
    const given = givenIn(ctx.req.headers.authorization);
    if (given === undefined) throw new AppError('unauthorized', 'An API key is needed: "Authorization: Bearer <key>".');
    const name = keys.nameOf(given);
    if (name === undefined) throw new AppError('unauthorized', 'The API key is none that is known.');
    ctx.state.key = name;
    return next();
  };
}

function givenIn(authorization: string | undefined): string | undefined {
  const [, scheme, value] = /^(bearer|basic) +([\w.~+/=-]+) *$/i.exec(authorization ?? '') ?? [];
  if (scheme === undefined || value === undefined) return undefined;
  if (scheme.toLowerCase() === 'bearer') return value;
  const [, password] = /^[^:]*:(.*)$/s.exec(Buffer.from(value, 'base64').toString()) ?? [];
  return password;
}
