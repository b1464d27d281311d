// What operations answer, and how they fail.
import { type ErrorCode, errorKinds } from '../../errors.js';
import { failures } from './failures.js';
import { askErrors, commonErrors, type Operation } from './operations.js';
import { type JsonSchema, ref } from './schemas.js';

export function success({ gives }: Operation): object {
  if (gives === 'address') return { 303: leadsTo('it is there') };
  if (gives === 'page') return ok({ 'text/html': page });
  if (gives === 'text') return ok({ 'text/plain': { schema: { type: 'string' } } });
  if (gives === 'document') return ok({ 'application/json': { schema: { type: 'object' } } });
  return ok({ 'application/json': { schema: ref(gives.schema), example: gives.example } });
}

const page = { schema: { type: 'string', description: 'a page for people' } };

const ok = (content: object) => ({ 200: { description: 'as described', content } });

export function leadsTo(description: string): object {
  return { description, headers: { Location: header('where it is') } };
}

/** One a status, which tells of all that has it. Of pages people are told on a page. */
export function errorResponses(codes: ErrorCode[], tag: 'API' | 'pages', without: ErrorCode[] = []): object {
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
