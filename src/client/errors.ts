// The errors that calls of the client reject with, besides the reason of an aborted signal.
import type { ErrorCode } from './error-codes.js';

/** The superclass of all errors of the client. `cause` has the underlying error, if there is one. */
export class GrepdError extends Error {
  override readonly name: string = 'GrepdError';
}

export interface ApiErrorDetails {
  Code: number;
  code?: ErrorCode | (string & {}) | undefined;
  retryAfter?: number | undefined;
  requestId?: string | undefined;
}

/** The server, or a proxy in front of it, answered with an error status. */
export class ApiError extends GrepdError {
  override readonly name = 'ApiError';
  /** The HTTP status, as in the server's own errors. */
  readonly Code: number;
  /** What went wrong, such as `unknown_dictionary`. `undefined` if the error isn't from grepd. */
  readonly code: ErrorCode | (string & {}) | undefined;
  /** How long to wait before a retry, in seconds, if the answer has `Retry-After`. */
  readonly retryAfter: number | undefined;
  /** Identifies the request in the server's log. */
  readonly requestId: string | undefined;

  constructor(message: string, { Code, code, retryAfter, requestId }: ApiErrorDetails) {
    super(message);
    this.Code = Code;
    this.code = code;
    this.retryAfter = retryAfter;
    this.requestId = requestId;
  }
}

/** The server can't be reached, or the connection was lost before the answer was complete. */
export class ConnectionError extends GrepdError {
  override readonly name = 'ConnectionError';
}

/** The server sent nothing for `timeoutMs`. */
export class TimeoutError extends GrepdError {
  override readonly name = 'TimeoutError';
}

/** The answer isn't from grepd: `url` probably leads to another service. */
export class UnexpectedAnswerError extends GrepdError {
  override readonly name = 'UnexpectedAnswerError';
}
