// Which pages may use MCP from a browser (https://modelcontextprotocol.io/specification/2026-07-28/
// basic/transports#security-warning).
import { isIP } from 'node:net';
import { renderValue } from '../../config/field-table.js';
import { AppError } from '../../errors.js';
import type { RequestContext } from '../request-state.js';
import { isOriginOf } from '../uploads/same-origin.js';

/** Throws `cross_site` for other pages. Allows programs, which send no Origin. */
export function assertAllowedOrigin(
  { req, state }: Pick<RequestContext, 'req' | 'state'>,
  corsOrigins: readonly string[],
): void {
  const { origin, host } = req.headers;
  if (origin === undefined || corsOrigins.includes('*') || corsOrigins.includes(origin)) return;
  // DNS rebinding can point any name at this service, but the page doesn't know an API key.
  const isSame = isOriginOf(origin, host) && (state.key !== undefined || isFixed(new URL(origin).hostname));
  if (isSame) return;
  throw new AppError(
    'cross_site',
    `Pages of ${renderValue(origin)} can't use MCP unless CORS_ORIGINS contains that origin.`,
  );
}

/** Whether the host has an address that its DNS server can't change. */
function isFixed(hostname: string): boolean {
  return /^(.+\.)?localhost$/.test(hostname) || isIP(hostname.replace(/^\[(.*)\]$/, '$1')) !== 0;
}
