// The errors that grepd expects, each with its HTTP status. Any other error is a bug.

export interface ErrorKind {
  /** The HTTP status. */
  status: number;
  /** When the error occurs, for the documentation. */
  when: string;
  /** `Retry-After`, in seconds. */
  retryAfter?: number;
  /** Replaces the message on HTML pages. The message itself is written for programs. */
  pageMessage?: string;
  /** The challenges for `WWW-Authenticate`, each in a separate header line. */
  authenticate?: readonly string[];
}

/**
 * Chromium reads one challenge per line. Basic comes first for clients that read only one line:
 * they prompt for a password, while clients with a token send it without a challenge.
 */
const CHALLENGES = ['Basic realm="grepd", charset="UTF-8"', 'Bearer realm="grepd"'] as const;

export const errorKinds = {
  invalid_json: { status: 400, when: 'the body is not UTF-8, not JSON, or not a JSON object' },
  invalid_request: {
    status: 400,
    when: 'a field is missing, unknown or invalid, grep rejects the regular expression, or the request is not valid HTTP',
  },
  not_a_folder: { status: 400, when: 'the folder to list is a file' },
  unauthorized: {
    status: 401,
    when: 'API keys are set, and the request has no key or an unknown one',
    pageMessage: 'This page needs an API key. Reload it, and enter the key as the password with any user name.',
    authenticate: CHALLENGES,
  },
  expired_key: {
    status: 401,
    when: 'the API key has expired',
    authenticate: CHALLENGES,
  },
  forbidden_action: { status: 403, when: 'the API key does not allow the action, or the name of an upload' },
  unreadable_dictionary: { status: 403, when: 'the dictionary exists but is not readable' },
  unreadable_folder: { status: 403, when: 'the folder exists but is not readable' },
  cross_site: { status: 403, when: 'a page of another site tried to add or remove a text, or to use MCP' },
  unwritable_folder: { status: 403, when: 'grepd has no permission to add or remove texts in the folder' },
  unknown_route: {
    status: 404,
    when: 'the route does not exist',
    pageMessage: 'There is no page at this address.',
  },
  unknown_dictionary: { status: 404, when: 'the dictionary does not exist, or the API key may not read it' },
  unknown_folder: { status: 404, when: 'the folder does not exist' },
  method_not_allowed: {
    status: 405,
    when: 'the route does not support the method; the Allow header lists the methods that it supports',
  },
  request_timeout: { status: 408, when: 'the request took too long to arrive' },
  text_exists: {
    status: 409,
    when: 'a text has the name of the upload already',
    pageMessage:
      'There is already a text with this name. Go back and select “replace” to replace it, or rename the file.',
  },
  body_too_large: {
    status: 413,
    when: 'the body is larger than 64 KiB or, of an upload, than `UPLOAD_MB`',
  },
  unsupported_media_type: {
    status: 415,
    when: 'the body is not application/json in UTF-8 or, of a form with files, not multipart/form-data, or has a Content-Encoding',
  },
  expectation_failed: { status: 417, when: 'the Expect header is not 100-continue' },
  too_many_requests: {
    status: 429,
    when: 'the caller has exceeded `RATE_LIMIT`, or the rate of its API key; the Retry-After header says when to try again',
    pageMessage: 'You have made too many requests.',
  },
  header_too_large: { status: 431, when: 'the headers are too large' },
  internal: { status: 500, when: 'a bug in grepd; the log has the details under the X-Request-Id of the response' },
  method_not_implemented: { status: 501, when: 'no route supports the method' },
  numbers_failed: {
    status: 502,
    when: 'the numbers API is unreachable, or its response is not a JSON array of numbers',
  },
  too_busy: {
    status: 503,
    when: 'the search queue is full, or the machine is out of processes, file descriptors or memory',
    retryAfter: 1,
  },
  not_ready: { status: 503, when: 'the worker is starting or shutting down', retryAfter: 1 },
  no_dictionaries: { status: 503, when: 'the dictionaries folder does not exist or is not readable', retryAfter: 5 },
  engine_unavailable: {
    status: 503,
    when: 'the search backend is unavailable: the ClickHouse cluster, or every replica of one of its shards, is down',
    retryAfter: 5,
  },
  damaged_dictionary: {
    status: 503,
    when: 'the dictionary is damaged, or too large when decoded',
    retryAfter: 60,
  },
  search_memory: { status: 503, when: 'the search exceeded its memory limit', retryAfter: 60 },
  dictionary_changed: { status: 503, when: 'the dictionary changed during the search', retryAfter: 1 },
  search_timeout: { status: 504, when: 'the search exceeded its time limit before the response began' },
  numbers_timeout: { status: 504, when: 'the numbers API exceeded its time limit' },
  disk_full: { status: 507, when: 'the disk has no space for an upload' },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof errorKinds;

/** An error that an operator can fix. Commands print its message without a stack. */
export class OperatorError extends Error {
  override readonly name = 'OperatorError';
}

const EXHAUSTED = new Set(['EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM', 'ERR_WORKER_INIT_FAILED']);

/**
 * Whether a system error means that the machine is out of processes, threads, file descriptors or
 * memory.
 */
export function isExhausted(error: unknown): boolean {
  return EXHAUSTED.has((error as NodeJS.ErrnoException | undefined)?.code ?? '');
}

export interface AppErrorOptions extends ErrorOptions {
  /** Replaces the message in the log if the message quotes input, which may be a search term. */
  reason?: string | undefined;
  /** The name that doesn't exist, for which a similar one may be suggested. */
  unknownName?: string;
  invalidField?: InvalidField | undefined;
}

/** A field of a request that has a mistake. */
export interface InvalidField {
  /** An element of an array is `any_of[0]`. */
  name: string;
  /** A value that the caller probably means. */
  correction?: string | undefined;
}

/** An expected error. The message says what was expected and what was received. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  /** For the log. */
  readonly reason: string;
  /** The dictionary or route that doesn't exist. */
  readonly unknownName: string | undefined;
  readonly invalidField: InvalidField | undefined;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.reason = options.reason ?? message;
    this.unknownName = options.unknownName;
    this.invalidField = options.invalidField;
  }

  get kind(): ErrorKind {
    return errorKinds[this.code];
  }
}
