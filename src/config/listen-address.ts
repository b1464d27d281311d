// Where the service is reached, and by whom.

import { OperatorError } from '../errors.js';
import type { Config } from './config.js';

/** Whether only this machine reaches an address. */
export function isLoopback(address: string): boolean {
  return address === 'localhost' || address === '::1' || /^(::ffff:)?127\./.test(address);
}

/** Who may use the service, in words. */
export function openTo({ HOST, API_KEYS, RATE_LIMIT }: Config): string {
  const reach = isLoopback(HOST) ? 'on this machine' : 'who reaches this address';
  const who = API_KEYS === undefined ? `everybody ${reach}` : `those ${reach} who have a key of ${API_KEYS}`;
  return RATE_LIMIT === undefined
    ? who
    : `${who}, ${RATE_LIMIT.most} requests in ${RATE_LIMIT.windowMs / 1_000} s each`;
}

/** The reason that the system gives when HOST and PORT can't be listened on. */
export function cannotListen({ HOST, PORT }: Config, cause: unknown): OperatorError {
  return new OperatorError(`grepd can't listen on HOST ${HOST}, PORT ${PORT}: ${(cause as Error).message}`, { cause });
}
