// The OpenAPI operation of each route: parameters, responses and errors.
import type { Fields } from '../../config/field-table.js';
import type { ErrorCode } from '../../errors.js';
import type { Actions } from '../api/actions.js';
import { dictionaryListFields } from '../api/dictionary-list.js';
import { createLinks } from '../api/links.js';
import { waitFields } from '../operations/wait-router.js';
import { searchPageFields } from '../pages/page-fields.js';
import { textsField } from '../pages/text-chooser.js';
import { textListFields } from '../pages/text-list.js';
import { textFields } from '../pages/texts-router.js';
import type { RouteName } from '../routes.js';
import { searchQueryFields } from './query-fields.js';
import type { JsonSchema } from './schemas.js';

export interface Operation {
  /** The name that generated clients give the operation. */
  id: string;
  /** Further paths below the route's own, with parameters in braces. */
  subpaths?: Subpath[];
  query?: Fields;
  /** The kind of response, or for JSON its schema and an example without parameters. */
  returns:
    | 'page'
    | 'redirect'
    | 'document'
    | 'text'
    | 'icon'
    | 'opensearch'
    | 'answer'
    | { schema: string; example: object };
  /** Whether the response has an ETag, so that If-None-Match may return 304. */
  isRevalidated?: boolean;
  errors: ErrorCode[];
}

interface Subpath {
  id: string;
  path: string;
  description: string;
  parameters: Record<string, JsonSchema>;
  query: Fields;
  mayRedirect: boolean;
}

/** The errors of a search or a listing. */
const searchErrors: ErrorCode[] = [
  'forbidden_action',
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

/** The errors of adding and removing a text. */
export const uploadErrors: ErrorCode[] = [
  'forbidden_action',
  'cross_site',
  'unwritable_folder',
  'unknown_folder',
  'too_busy',
];

export const apiErrors: ErrorCode[] = [
  'invalid_json',
  ...searchErrors,
  'not_a_folder',
  'unreadable_folder',
  'unknown_folder',
  'body_too_large',
  'unsupported_media_type',
];

/** The errors of any request. */
export const commonErrors: ErrorCode[] = [
  'unauthorized',
  'expired_key',
  'too_many_requests',
  'invalid_request',
  'request_timeout',
  'expectation_failed',
  'header_too_large',
  'internal',
];

/** The errors of a request that matches no operation. */
export const otherErrors: ErrorCode[] = ['unknown_route', 'method_not_allowed', 'method_not_implemented'];

const pathPart = { type: 'string', minLength: 1 };
const dictionary = { ...pathPart, description: 'the name of a dictionary' };
const file = { ...pathPart, description: 'a file in the dictionary' };

export function operationsOf(actions: Actions): Record<RouteName, Operation> {
  const { term, ...drawFields } = searchPageFields(actions);
  const pageQuery = { ...(term && { term: { ...term, schema: term.schema.optional() } }), ...drawFields };
  return {
    page: {
      id: 'searchPage',
      query: { ...pageQuery, texts: textsField },
      returns: 'page',
      isRevalidated: true,
      errors: searchErrors,
    },
    random: {
      id: 'randomQuote',
      query: { dictionary: drawFields.dictionary as Fields[string] },
      returns: 'redirect',
      errors: searchErrors,
    },
    texts: {
      id: 'listTexts',
      subpaths: [
        {
          id: 'readDictionary',
          path: '/{dictionary}',
          description: 'a text, or the files of a folder',
          parameters: { dictionary },
          query: { ...textFields, ...pageQuery },
          mayRedirect: false,
        },
        {
          id: 'readText',
          path: '/{dictionary}/{file}',
          description: 'a text in a folder, around a line or from a line on',
          parameters: { dictionary, file },
          query: { ...textFields, ...pageQuery },
          mayRedirect: true,
        },
      ],
      query: textListFields,
      returns: 'page',
      isRevalidated: true,
      errors: searchErrors,
    },
    instructions: { id: 'instructionsPage', returns: 'page', isRevalidated: true, errors: [] },
    help: { id: 'helpPage', returns: 'page', isRevalidated: true, errors: [] },
    openapi: { id: 'getOpenApi', returns: 'document', isRevalidated: true, errors: [] },
    docs: { id: 'docsPage', returns: 'page', isRevalidated: true, errors: [] },
    dictionaries: {
      id: 'listDictionaries',
      query: dictionaryListFields,
      returns: { schema: 'dictionaries', example: dictionariesExample(actions) },
      isRevalidated: true,
      errors: ['no_dictionaries', 'engine_unavailable', 'too_busy', 'search_timeout'],
    },
    search: {
      id: 'search',
      query: searchQueryFields(actions),
      returns: 'answer',
      isRevalidated: true,
      errors: searchErrors,
    },
    total: {
      id: 'getTotal',
      returns: { schema: 'total', example: { total: 500_000_500_000 } },
      errors: ['numbers_failed', 'numbers_timeout', 'not_ready', 'too_busy'],
    },
    healthz: { id: 'getHealth', returns: { schema: 'status', example: { status: 'alive' } }, errors: [] },
    readyz: {
      id: 'getReadiness',
      returns: { schema: 'status', example: { status: 'ready' } },
      errors: ['not_ready', 'engine_unavailable'],
    },
    status: { id: 'statusPage', returns: 'page', errors: ['too_busy'] },
    metrics: { id: 'getMetrics', returns: 'text', errors: ['too_busy'] },
    robots: { id: 'robots', returns: 'text', errors: [] },
    opensearch: { id: 'openSearch', returns: 'opensearch', isRevalidated: true, errors: [] },
    favicon: { id: 'favicon', returns: 'icon', errors: [] },
    wait: {
      id: 'wait',
      query: waitFields,
      returns: { schema: 'waited', example: { waited: 10 } },
      errors: ['too_busy'],
    },
  };
}

/** The bundled dictionaries. */
function dictionariesExample(actions: Actions): object {
  const modified = '2026-01-01T00:00:00.000Z';
  const common = { index: 'none', encoding: 'utf-8' };
  return {
    default: 'devils-dictionary.txt',
    dictionaries: [
      { name: 'devils-dictionary.txt', files: 1, bytes: 380_133, modified, version: 'f2ca1bb6c7e9', ...common },
      { name: 'king-james-bible.txt', files: 1, bytes: 4_404_412, modified, version: '07dafe4eb9a1', ...common },
      { name: 'moby-dick', files: 138, bytes: 1_216_278, modified, version: 'b34e5cd92a70', ...common },
    ],
    links: createLinks(actions),
  };
}
