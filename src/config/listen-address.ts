// Where the service listens, and who can use it.

import { OperatorError } from '../errors.js';
import type { Config } from './config.js';

/** Returns whether an address is reachable from this machine only. */
export function isLoopback(address: string): boolean {
  return address === 'localhost' || address === '::1' || /^(::ffff:)?127\./.test(address);
}

/** Describes who can use the service, such as `anyone on this machine`. */
export function describeAudience({ HOST, API_KEYS, RATE_LIMIT }: Config): string {
  const reach = isLoopback(HOST) ? 'on this machine' : 'who can reach this address';
  const who = API_KEYS === undefined ? `anyone ${reach}` : `anyone with a key from ${API_KEYS} ${reach}`;
  return RATE_LIMIT === undefined
    ? who
    : `${who}, ${RATE_LIMIT.maxRequests} requests in ${RATE_LIMIT.windowMs / 1_000} s each`;
}

/**
 * Returns the error for an address that can't be listened on, with the reason that the system
 * gives.
 */
export function listenError({ HOST, PORT }: Config, cause: unknown): OperatorError {
  return new OperatorError(`grepd can't listen on HOST ${HOST}, PORT ${PORT}: ${(cause as Error).message}`, { cause });
}
