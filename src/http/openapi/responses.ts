// What operations answer, and how they fail.
import { type ErrorCode, errorKinds } from '../../errors.js';
import { failures } from './failures.js';
import { askErrors, commonErrors, type Operation } from './operations.js';
import { type JsonSchema, ref } from './schemas.js';

export function success(operation: Operation): Responses {
  const responses = successOf(operation);
  if (!operation.isRevalidated) return responses;
  const headers = { ETag: header('the version of the answer, for If-None-Match') };
  return { 200: { ...responses[200], headers }, 304: { description: 'it is still the same', headers } };
}

function successOf({ gives }: Operation): Responses {
  if (gives === 'address') return { 303: leadsTo('it is there') };
  if (gives === 'page') return ok({ 'text/html': page });
  if (gives === 'text') return ok({ 'text/plain': { schema: { type: 'string' } } });
  if (gives === 'document') return ok({ 'application/json': { schema: { type: 'object' } } });
  return ok({ 'application/json': { schema: ref(gives.schema), example: gives.example } });
}

/** The headers of many answers; those of `RATE_LIMIT` where one is set. */
export const commonHeaders = {
  'X-Request-Id': header('the id of the request, as in the log: that of the request, where it had a plain one'),
  'RateLimit-Policy': header('requests, and the seconds in which they may be made'),
  'RateLimit-Limit': header('requests that a caller may make in that time', 'integer'),
  'RateLimit-Remaining': header('requests that this caller may still make', 'integer'),
  'RateLimit-Reset': header('seconds until all may be made again', 'integer'),
};

type HeaderName = keyof typeof commonHeaders;
/** By status. */
type Responses = Record<string, JsonSchema>;

/** Adds the headers that all answers of an operation may have. */
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

const page = { schema: { type: 'string', description: 'a page for people' } };

const ok = (content: object): Responses => ({ 200: { description: 'as described', content } });

export function leadsTo(description: string): JsonSchema {
  const content = { 'text/html': page, 'text/plain': { schema: { type: 'string' } } };
  return { description, headers: { Location: header('where it is') }, content };
}

/** One a status, which tells of all that has it. Of pages people are told on a page. */
export function errorResponses(codes: ErrorCode[], tag: 'API' | 'pages', without: ErrorCode[] = []): Responses {
  const all = [...codes, ...commonErrors].filter((code) => !without.includes(code));
  const statuses = [...new Set(all.map((code) => errorKinds[code].status))];
  return Object.fromEntries(
    statuses.map((status) => {
      const ofStatus = all.filter((code) => errorKinds[code].status === status);
      const retries = ofStatus.some((code) => code === 'too_many_requests' || 'retryAfter' in errorKinds[code]);
      const asksForKey = ofStatus.includes('unauthorized');
      const headers = {
        ...(retries && { 'Retry-After': header('seconds', 'integer') }),
        ...(asksForKey && { 'WWW-Authenticate': header('the ways to send a key') }),
      };
      const response = {
        description: ofStatus.map((code) => `- ${errorKinds[code].when}`).join('\n'),
        ...(Object.keys(headers).length > 0 && { headers }),
        content: {
          'application/json': {
            schema: { ...ref('error'), properties: { Code: { const: status } } },
            ...(codes === askErrors && examplesOf(status)),
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

function header(description: string, type = 'string'): JsonSchema {
  return { description, schema: { type } };
}
