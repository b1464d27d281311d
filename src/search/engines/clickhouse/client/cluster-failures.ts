// Classifies failures of ClickHouse nodes and queries, and translates them for callers.
import { ClickHouseError } from '@clickhouse/client';
import { AppError } from '../../../../errors.js';

/** A node has failed during a response. Another node may provide the rest. */
export class NodeError extends AppError {
  constructor(cause: unknown) {
    super('engine_unavailable', UNAVAILABLE, { cause });
  }
}

const UNAVAILABLE = 'The ClickHouse cluster is unavailable: a required node does not respond.';

/** Codes for a node that is down, or needs one that is (src/Common/ErrorCodes.cpp). */
const NODE_FAILURE_CODES = new Set([
  '32', // ATTEMPT_TO_READ_AFTER_EOF
  '198', // DNS_ERROR
  '203', // NO_FREE_CONNECTION
  '209', // SOCKET_TIMEOUT
  '210', // NETWORK_ERROR
  '236', // ABORTED
  '279', // ALL_CONNECTION_TRIES_FAILED
  '369', // ALL_REPLICAS_ARE_STALE
  '394', // QUERY_WAS_CANCELLED
]);

const SOCKET_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ERR_STREAM_PREMATURE_CLOSE',
]);

/** Whether another node may succeed. */
export function isNodeFailure(error: unknown): boolean {
  if (error instanceof ClickHouseError) return NODE_FAILURE_CODES.has(error.code);
  const { code, message } = error as NodeJS.ErrnoException;
  return SOCKET_CODES.has(code ?? '') || message === 'aborted' || message === 'socket hang up' || isTimeout(message);
}

/** Recognizes the message of @clickhouse/client for a response that times out. */
function isTimeout(message = ''): boolean {
  return /^Timeout error\.?$/.test(message);
}

/** Whether the response came from a proxy or another server, not from ClickHouse. */
export function isForeignResponse(error: unknown): boolean {
  return !(error instanceof ClickHouseError || error instanceof AppError || error instanceof TypeError);
}

export function foreignResponseError(cause: unknown): AppError {
  return new AppError('engine_unavailable', "The server at the ClickHouse cluster's address is not ClickHouse.", {
    cause,
  });
}

/** Whether a query failed because the table or the database doesn't exist. */
export function isMissingTable(error: unknown): boolean {
  const { cause } = error as Error;
  return cause instanceof ClickHouseError && ['60', '81'].includes(cause.code);
}

/**
 * Truncates a message of ClickHouse at its first literal. It may quote the query, whose literals
 * contain callers' terms, and the log must not show those.
 */
export function redactLiterals(error: unknown): unknown {
  if (!(error instanceof ClickHouseError)) return error;
  const { code, type, message } = error;
  return new ClickHouseError({ code, type, message: message.replace(/'.*/s, '…') });
}

/** Returns an AppError for an expected failure. Returns other errors, which are bugs, unchanged. */
export function toAppError(error: unknown): unknown {
  if (isNodeFailure(error)) return new AppError('engine_unavailable', UNAVAILABLE, { cause: error });
  if (!(error instanceof ClickHouseError)) return error;
  const options = { cause: error };
  switch (error.code) {
    case '159': // TIMEOUT_EXCEEDED
      return new AppError('search_timeout', 'The search took longer than its time limit.', options);
    case '241': // MEMORY_LIMIT_EXCEEDED
      return new AppError('search_memory', 'The search exceeded its memory limit in the ClickHouse cluster.', options);
    case '202': // TOO_MANY_SIMULTANEOUS_QUERIES
      return new AppError('too_busy', 'The ClickHouse cluster is running too many queries.', options);
    case '60': // UNKNOWN_TABLE
    case '81': // UNKNOWN_DATABASE
      return new AppError(
        'engine_unavailable',
        'The ClickHouse cluster lacks the tables of grepd. Create them with `npm run load`.',
        options,
      );
    case '192': // UNKNOWN_USER
    case '193': // WRONG_PASSWORD
    case '497': // ACCESS_DENIED
    case '516': // AUTHENTICATION_FAILED
      return new AppError('engine_unavailable', 'The ClickHouse cluster denies access to grepd.', options);
    default:
      return error;
  }
}
