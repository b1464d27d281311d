// The failures that grepd expects, each with its HTTP status. Anything that is not an AppError is a bug.

/** A row of the table: the HTTP status, when it happens (for the documentation), and seconds after which a retry makes sense. */
export interface ErrorKind {
  status: number;
  when: string;
  retryAfter?: number;
  /** What a page says in place of the message, which is for programs. */
  onPage?: string;
  /** The challenges of `WWW-Authenticate`, each sent in a header line of its own. */
  authenticate?: readonly string[];
}

export const errorKinds = {
  invalid_json: { status: 400, when: 'the body is not JSON in UTF-8, or not one JSON object' },
  invalid_request: {
    status: 400,
    when: 'a field is missing, unknown or wrong, a regular expression is none that grep takes, or the request is not valid HTTP',
  },
  not_a_folder: { status: 400, when: 'what is to be listed is a file' },
  unauthorized: {
    status: 401,
    when: 'API keys are set, and the request has none that is known',
    onPage: 'This page needs an API key: reload it and enter the key as the password, with any user name.',
    // Chromium takes a whole line for one challenge. Basic is first for clients that read one line
    // only: those ask a person for a password, while clients with a token send it unasked.
    authenticate: ['Basic realm="grepd", charset="UTF-8"', 'Bearer realm="grepd"'],
  },
  unreadable_dictionary: { status: 403, when: 'the dictionary is there and may not be read' },
  unreadable_folder: { status: 403, when: 'the folder is there and may not be read' },
  unknown_route: {
    status: 404,
    when: 'there is no such route',
    onPage: 'There is no page at this address.',
  },
  unknown_dictionary: { status: 404, when: 'there is no such dictionary' },
  unknown_folder: { status: 404, when: 'there is no such folder' },
  method_not_allowed: {
    status: 405,
    when: 'the route exists, but not for this method; the Allow header lists those it has',
  },
  request_timeout: { status: 408, when: 'the request took too long to arrive' },
  body_too_large: { status: 413, when: 'the body is larger than 64 KiB' },
  unsupported_media_type: { status: 415, when: 'the body is not application/json in UTF-8 without Content-Encoding' },
  expectation_failed: { status: 417, when: 'the Expect header asks for something other than 100-continue' },
  too_many_requests: {
    status: 429,
    when: 'a caller has asked more often than `RATE_LIMIT` lets it; Retry-After says when to ask again',
    onPage: 'You have made too many requests.',
  },
  header_too_large: { status: 431, when: 'the headers are too large' },
  internal: { status: 500, when: 'a bug in grepd; its log has the details under the X-Request-Id of the answer' },
  method_not_implemented: { status: 501, when: 'a method that grepd implements nowhere' },
  numbers_failed: {
    status: 502,
    when: 'the numbers API can not be reached, or its answer is not a JSON array of numbers',
  },
  too_busy: {
    status: 503,
    when: 'the search queue is full, or the machine is out of processes, file descriptors or memory',
    retryAfter: 1,
  },
  not_ready: { status: 503, when: 'the worker is starting or shutting down', retryAfter: 1 },
  no_dictionaries: { status: 503, when: 'the folder of dictionaries is not there or may not be read', retryAfter: 5 },
  engine_unavailable: {
    status: 503,
    when: 'what searches can not be asked: the ClickHouse cluster is not there, or a part of it is and nothing else has its lines',
    retryAfter: 5,
  },
  damaged_dictionary: {
    status: 503,
    when: 'the dictionary is there, and can not be unpacked or unpacks to too much',
    retryAfter: 60,
  },
  search_memory: { status: 503, when: 'the search needed more memory than it may have', retryAfter: 60 },
  dictionary_changed: { status: 503, when: 'the dictionary was changed while it was searched', retryAfter: 1 },
  search_timeout: { status: 504, when: 'the search took longer than its limit and nothing had been sent yet' },
  numbers_timeout: { status: 504, when: 'the numbers API took longer than its limit' },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof errorKinds;

/** What an operator can mend. The message says all that there is to say: it is shown without a stack. */
export class OperatorError extends Error {
  override readonly name = 'OperatorError';
}

/** Error codes that mean the machine is out of processes, threads, file descriptors or memory. */
const EXHAUSTED = new Set(['EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM', 'ERR_WORKER_INIT_FAILED']);

export function isExhausted(error: unknown): boolean {
  return EXHAUSTED.has((error as NodeJS.ErrnoException | undefined)?.code ?? '');
}

export interface AppErrorOptions extends ErrorOptions {
  /** What the log says in place of a message that quotes what the caller sent: that may be a term. */
  reason?: string | undefined;
}

/** An expected failure. The message is for the caller: what was expected and what came. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  /** For the log. */
  readonly reason: string;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.reason = options.reason ?? message;
  }

  get kind(): ErrorKind {
    return errorKinds[this.code];
  }
}
