// What it means that a ClickHouse node, or a query, fails.
import { ClickHouseError } from '@clickhouse/client';
import { AppError } from '../../../../errors.js';

/** A node has failed in the middle of an answer. Another one may be asked for the rest. */
export class NodeError extends AppError {
  constructor(cause: unknown) {
    super('engine_unavailable', UNAVAILABLE, { cause });
  }
}

const UNAVAILABLE = 'The ClickHouse cluster can not be asked just now: a node that is needed does not answer.';

/** What ClickHouse says where another node, or one it needs, does not answer or is about to end (src/Common/ErrorCodes.cpp). */
const NODE_CODES = new Set([
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

export function isNodeFailure(error: unknown): boolean {
  if (error instanceof ClickHouseError) return NODE_CODES.has(error.code);
  const { code, message } = error as NodeJS.ErrnoException;
  return SOCKET_CODES.has(code ?? '') || message === 'aborted' || message === 'socket hang up' || isNoAnswer(message);
}

function isNoAnswer(message = ''): boolean {
  return /^Timeout error\.?$/.test(message);
}

/** What is no answer of ClickHouse, but of something that stands before it. */
export function orForeign(error: unknown): unknown {
  if (error instanceof ClickHouseError || error instanceof AppError || error instanceof TypeError) return error;
  return new AppError('engine_unavailable', 'Something else than ClickHouse answers where the cluster should be.', {
    cause: error,
  });
}

/** Whether ClickHouse says that there is no such table or database. */
export function isMissing(error: unknown): boolean {
  const { cause } = error as Error;
  return cause instanceof ClickHouseError && ['60', '81'].includes(cause.code);
}

/** Cuts a message of ClickHouse where it begins to quote the query, whose literals hold terms: it may be logged. */
export function withoutLiterals(error: unknown): unknown {
  if (!(error instanceof ClickHouseError)) return error;
  const { code, type, message } = error;
  return new ClickHouseError({ code, type, message: message.replace(/'.*/s, '…') });
}

/** What a failure means to the caller: an AppError, or the failure itself where that is nothing but a bug. */
export function explain(error: unknown): unknown {
  if (isNodeFailure(error)) return new AppError('engine_unavailable', UNAVAILABLE, { cause: error });
  if (!(error instanceof ClickHouseError)) return error;
  switch (error.code) {
    case '159': // TIMEOUT_EXCEEDED
      return new AppError('search_timeout', 'The search took longer than it may.', { cause: error });
    case '241': // MEMORY_LIMIT_EXCEEDED
      return new AppError('search_memory', 'The search needed more memory than it may have in the cluster.', {
        cause: error,
      });
    case '202': // TOO_MANY_SIMULTANEOUS_QUERIES
      return new AppError('too_busy', 'The ClickHouse cluster has too many queries just now.', { cause: error });
    case '60': // UNKNOWN_TABLE
    case '81': // UNKNOWN_DATABASE
      return new AppError(
        'engine_unavailable',
        'The ClickHouse cluster has no tables of grepd: `npm run load` makes them.',
        {
          cause: error,
        },
      );
    case '192': // UNKNOWN_USER
    case '193': // WRONG_PASSWORD
    case '497': // ACCESS_DENIED
    case '516': // AUTHENTICATION_FAILED
      return new AppError('engine_unavailable', 'The ClickHouse cluster does not let grepd in.', { cause: error });
    default:
      return error;
  }
}
