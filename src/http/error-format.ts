// Chooses the format of an error by the client's Accept header (RFC 9110, section 12.5.1).
import { PROBLEM_TYPE } from './problem-details.js';
import type { RequestContext } from './request-state.js';
import { type Route, routes } from './routes.js';

const ROUTES_BY_PATH = new Map(Object.values<Route>(routes).map((route) => [route.path, route]));

export const JSON_TYPE = 'application/json';
export const HTML_TYPE = 'text/html';

/** Returns JSON if the client accepts none of the formats. Only paths of pages offer HTML. */
export function negotiateErrorFormat(ctx: RequestContext): string {
  const types = isForPrograms(ctx.path) ? [JSON_TYPE, PROBLEM_TYPE] : [JSON_TYPE, PROBLEM_TYPE, HTML_TYPE];
  ctx.vary('Accept');
  return ctx.accepts(types) || JSON_TYPE;
}

function isForPrograms(path: string): boolean {
  const route = ROUTES_BY_PATH.get(path);
  return route === undefined ? /^\/(api|mcp)(\/|$)/.test(path) : route.isPage !== true;
}
