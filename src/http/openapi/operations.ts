// What can be asked of each route: parameters, answers and failures.

import type { Fields } from '../../config/field-table.js';
import type { ErrorCode } from '../../errors.js';
import type { Actions } from '../api/actions.js';
import { createLinks } from '../api/links.js';
import { waitFields } from '../operations/wait-router.js';
import { searchPageFields } from '../pages/search-router.js';
import { textFields } from '../pages/texts-router.js';
import type { RouteName } from '../routes.js';
import type { JsonSchema } from './schemas.js';

export interface Operation {
  /** Further paths below the route's own, with parameters in braces, and whether they may lead to another. */
  below?: { path: string; description: string; parameters: Record<string, JsonSchema>; isMoved: boolean }[];
  query?: Fields;
  /** A page, an address, a document; or JSON: the name of its schema, and the answer to a request without parameters. */
  gives: 'page' | 'address' | 'document' | 'text' | { schema: string; example: object };
  /** Whether the answer has an ETag, and If-None-Match is answered with 304. */
  isRevalidated?: boolean;
  errors: ErrorCode[];
}

/** What can go wrong with a search, or a listing. */
const searching: ErrorCode[] = [
  'unreadable_dictionary',
  'unknown_dictionary',
  'too_busy',
  'not_ready',
  'no_dictionaries',
  'engine_unavailable',
  'damaged_dictionary',
  'search_memory',
  'dictionary_changed',
  'search_timeout',
];

export const askErrors: ErrorCode[] = [
  'invalid_json',
  ...searching,
  'not_a_folder',
  'unreadable_folder',
  'unknown_folder',
  'body_too_large',
  'unsupported_media_type',
];

/** What can go wrong with any request. */
export const commonErrors: ErrorCode[] = [
  'unauthorized',
  'too_many_requests',
  'invalid_request',
  'request_timeout',
  'expectation_failed',
  'header_too_large',
  'internal',
];

/** What no operation answers: the request is for none. */
export const otherErrors: ErrorCode[] = ['unknown_route', 'method_not_allowed', 'method_not_implemented'];

const pathPart = { type: 'string', minLength: 1 };
const dictionary = { ...pathPart, description: 'the name of a dictionary' };
const file = { ...pathPart, description: 'a file in it' };

export function operationsOf(actions: Actions): Record<RouteName, Operation> {
  const { term, ...drawn } = searchPageFields(actions.search.fields);
  return {
    page: {
      query: { ...(term && { term: { ...term, schema: term.schema.optional() } }), ...drawn },
      gives: 'page',
      isRevalidated: true,
      errors: searching,
    },
    random: { query: { dictionary: drawn.dictionary as Fields[string] }, gives: 'address', errors: searching },
    texts: {
      below: [
        {
          path: '/{dictionary}',
          description: 'a text, or the files of a folder',
          parameters: { dictionary },
          isMoved: false,
        },
        {
          path: '/{dictionary}/{file}',
          description: 'a text of a folder, around a line or from a line on',
          parameters: { dictionary, file },
          isMoved: true,
        },
      ],
      query: textFields,
      gives: 'page',
      isRevalidated: true,
      errors: searching,
    },
    instructions: { gives: 'page', isRevalidated: true, errors: [] },
    openapi: { gives: 'document', isRevalidated: true, errors: [] },
    docs: { gives: 'page', isRevalidated: true, errors: [] },
    dictionaries: {
      gives: { schema: 'dictionaries', example: dictionariesExample(actions) },
      isRevalidated: true,
      errors: ['no_dictionaries', 'engine_unavailable', 'too_busy', 'search_timeout'],
    },
    total: {
      gives: { schema: 'total', example: { total: 500_000_500_000 } },
      errors: ['numbers_failed', 'numbers_timeout', 'not_ready', 'too_busy'],
    },
    healthz: { gives: { schema: 'status', example: { status: 'alive' } }, errors: [] },
    readyz: { gives: { schema: 'status', example: { status: 'ready' } }, errors: ['not_ready', 'engine_unavailable'] },
    status: { gives: 'page', errors: ['too_busy'] },
    metrics: { gives: 'text', errors: ['too_busy'] },
    wait: { query: waitFields, gives: { schema: 'waited', example: { waited: 10 } }, errors: ['too_busy'] },
  };
}

/** Those that grepd comes with. */
function dictionariesExample(actions: Actions): object {
  const modified = '2026-01-01T00:00:00.000Z';
  return {
    default: 'devils-dictionary.txt',
    dictionaries: [
      { name: 'devils-dictionary.txt', files: 1, bytes: 380_133, modified, version: 'f2ca1bb6c7e9' },
      { name: 'king-james-bible.txt', files: 1, bytes: 4_404_412, modified, version: '07dafe4eb9a1' },
      { name: 'moby-dick', files: 138, bytes: 1_216_278, modified, version: 'b34e5cd92a70' },
    ],
    links: createLinks(actions),
  };
}
