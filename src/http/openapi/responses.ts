// The OpenAPI responses of operations, successful and failed.
import { type ErrorCode, errorKinds } from '../../errors.js';
import { ENTRIES_FIELD, TRUNCATED_FIELD } from '../api/csv-format.js';
import { OPENSEARCH_TYPE } from '../pages/opensearch.js';
import { PROBLEM_TYPE } from '../problem-details.js';
import { failures } from './failures.js';
import { apiErrors, commonErrors, type Operation } from './operations.js';
import { type JsonSchema, ref } from './schemas.js';

export function successResponses(operation: Operation): Responses {
  const responses = okResponses(operation);
  if (!operation.isRevalidated) return responses;
  const headers = { ETag: header('the version of the response, for If-None-Match') };
  const { headers: others } = responses[200] as { headers?: object };
  return {
    200: { ...responses[200], headers: { ...others, ...headers } },
    304: { description: 'the response has not changed', headers },
  };
}

function okResponses({ returns }: Operation): Responses {
  if (returns === 'redirect') return { 303: redirect('see the Location') };
  if (returns === 'page') return ok({ 'text/html': page });
  if (returns === 'text') return ok({ 'text/plain': { schema: { type: 'string' } } });
  if (returns === 'icon') return ok({ 'image/x-icon': { schema: { type: 'string', format: 'binary' } } });
  if (returns === 'opensearch') return ok({ [OPENSEARCH_TYPE]: { schema: { type: 'string' } } });
  if (returns === 'answer') return { 200: answerResponse() };
  if (returns === 'document') return ok({ 'application/json': { schema: { type: 'object' } } });
  return ok({ 'application/json': { schema: ref(returns.schema), example: returns.example } });
}

/** The entries in every format, with examples of JSON by title. */
export function answerResponse(examples?: Record<string, { value: object }>): JsonSchema {
  const table = 'a row with the names of the columns, and one row per entry; only for entries that are objects';
  return {
    description: 'the entries',
    headers: {
      [ENTRIES_FIELD]: header('with CSV and TSV, `nr of entries`; a trailer if the answer is streamed', 'integer'),
      [TRUNCATED_FIELD]: header('with CSV and TSV, `truncated`, if it applies; a trailer if the answer is streamed'),
    },
    content: {
      'application/json': { schema: ref('answer'), ...(examples !== undefined && { examples }) },
      'application/x-ndjson': text('one entry per line and the count in the last line, each as JSON'),
      'text/csv': text(table),
      'text/tab-separated-values': text(`${table}; tabs and line ends in texts become spaces`),
    },
  };
}

const text = (description: string): JsonSchema => ({ schema: { type: 'string', description } });

/** The headers of most responses. Those for rate limits are sent if `RATE_LIMIT` is set. */
export const commonHeaders = {
  'X-Request-Id': header('the id of the request, as in the log; a valid X-Request-Id of the request is kept'),
  'RateLimit-Policy': header('the maximum number of requests, and the length of the window in seconds'),
  'RateLimit-Limit': header('the maximum number of requests per window', 'integer'),
  'RateLimit-Remaining': header('the requests that remain for the caller in this window', 'integer'),
  'RateLimit-Reset': header('seconds until the window resets', 'integer'),
};

type HeaderName = keyof typeof commonHeaders;
/** By status. */
type Responses = Record<string, JsonSchema>;

/** Adds the headers that any response of an operation may have. */
export function withCommonHeaders(responses: Responses, isLimited: boolean): object {
  const names = (Object.keys(commonHeaders) as HeaderName[]).filter((name) => isLimited || name === 'X-Request-Id');
  const common = Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
  return Object.fromEntries(
    Object.entries(responses).map(([status, response]) => [
      status,
      { ...response, headers: { ...(response.headers as object | undefined), ...common } },
    ]),
  );
}

const page = { schema: { type: 'string', description: 'an HTML page' } };

const ok = (content: object): Responses => ({ 200: { description: 'success', content } });

export function redirect(description: string): JsonSchema {
  const content = { 'text/html': page, 'text/plain': { schema: { type: 'string' } } };
  return { description, headers: { Location: header('the URL to go to') }, content };
}

/** One response per status, which describes all its errors. Pages report errors as HTML, too. */
export function errorResponses(codes: ErrorCode[], tag: 'API' | 'pages', without: ErrorCode[] = []): Responses {
  const all = [...codes, ...commonErrors].filter((code) => !without.includes(code));
  const statuses = [...new Set(all.map((code) => errorKinds[code].status))];
  return Object.fromEntries(
    statuses.map((status) => {
      const sameStatus = all.filter((code) => errorKinds[code].status === status);
      const hasRetryAfter = sameStatus.some((code) => code === 'too_many_requests' || 'retryAfter' in errorKinds[code]);
      const hasChallenge = sameStatus.includes('unauthorized');
      const headers = {
        ...(hasRetryAfter && { 'Retry-After': header('seconds to wait before a retry', 'integer') }),
        ...(hasChallenge && { 'WWW-Authenticate': header('the supported ways to send a key') }),
      };
      const response = {
        description: sameStatus.map((code) => `- ${errorKinds[code].when}`).join('\n'),
        ...(Object.keys(headers).length > 0 && { headers }),
        content: {
          'application/json': {
            schema: { ...ref('error'), properties: { Code: { const: status } } },
            ...(codes === apiErrors && examplesOf(status)),
          },
          [PROBLEM_TYPE]: {
            schema: { ...ref('problem'), properties: { status: { const: status }, code: { enum: sameStatus } } },
          },
          ...(tag === 'pages' && { 'text/html': page }),
        },
      };
      return [status, response];
    }),
  );
}

function examplesOf(status: number): object {
  const examples = failures.filter((failure) => failure.status === status);
  if (examples.length === 0) return {};
  return { examples: Object.fromEntries(examples.map(({ title, answer }) => [title, { value: answer }])) };
}

export function listOfErrors(codes: ErrorCode[]): string {
  return codes.map((code) => `- ${errorKinds[code].status}: ${errorKinds[code].when}`).join('\n');
}

export function header(description: string, type = 'string'): JsonSchema {
  return { description, schema: { type } };
}
