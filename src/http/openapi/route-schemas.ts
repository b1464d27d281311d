// The schemas of the other responses: errors, the list of dictionaries and so on.
import { INDEX_STATES } from '../../search/engine.js';
import type { Actions } from '../api/actions.js';
import { createLinks } from '../api/links.js';
import { count, type JsonSchema, object, ref } from './schemas.js';

export function routeSchemas(actions: Actions): Record<string, JsonSchema> {
  return { ...schemas, dictionaries: dictionariesSchema(), links: linksSchema(actions) };
}

function dictionariesSchema(): JsonSchema {
  return object(
    {
      default: {
        type: 'string',
        description: 'the dictionary for requests that name none; chosen at startup unless it is configured',
      },
      'nr of dictionaries': {
        ...count,
        description: 'the number of dictionaries that match the filter, if the request has any parameters',
      },
      dictionaries: {
        type: 'array',
        items: object(
          {
            name: { type: 'string' },
            files: count,
            bytes: count,
            modified: { type: 'string', format: 'date-time' },
            version: {
              type: 'string',
              pattern: '^[0-9a-f]{12}$',
              description:
                'changes with the path, size or modification time (in seconds) of any file; equal on all machines that have the same files',
            },
            index: {
              type: 'string',
              enum: INDEX_STATES,
              description:
                'whether searches can use an index: one of the current version; one that is being built; only one of an earlier version, which is not used; or none. Affects their speed, not their answers',
            },
            encoding: {
              type: ['string', 'null'],
              description:
                'the encoding in which its files are read, or `mixed`; `null` if a file is in another one that it does not declare, and until all of the text has been checked',
            },
            warning: {
              type: 'string',
              description: 'what to do about files that are not in UTF-8 and declare no encoding, if any are known',
            },
          },
          ['warning'],
        ),
      },
      links: ref('links'),
    },
    ['default', 'nr of dictionaries'],
  );
}

/** The body of a link is an example request of its action. */
function linksSchema(actions: Actions): JsonSchema {
  const links = Object.entries(createLinks(actions)).map(([name, { method, body }]): [string, JsonSchema] => {
    const fixed = { method: { type: 'string', const: method }, path: { type: 'string' } };
    return [name, object({ ...fixed, means: { type: 'string' }, ...(body && { body: ref(name) }) })];
  });
  return { ...object(Object.fromEntries(links)), description: 'the rest of the API' };
}

const schemas: Record<string, JsonSchema> = {
  error: {
    ...object({
      Code: { type: 'integer', description: 'the HTTP status' },
      message: { type: 'string', description: 'what was expected and what was received' },
    }),
    description: 'an error',
  },
  problem: {
    ...object({
      type: { type: 'string', format: 'uri-reference', description: 'where the instructions describe the error' },
      title: { type: 'string', description: 'when the error occurs' },
      status: { type: 'integer', description: 'the HTTP status' },
      detail: { type: 'string', description: 'what was expected and what was received' },
      instance: { type: 'string', description: 'the path of the request, with its X-Request-Id as the fragment' },
      code: { type: 'string', description: 'the kind of error, which does not change between versions' },
    }),
    description: 'an error, as a problem (RFC 9457)',
  },
  total: object({ total: { type: 'number', description: 'an exact sum, with all its digits' } }),
  status: object({ status: { type: 'string' } }),
  storedText: object({ name: { type: 'string' }, bytes: count }),
  waited: object({ waited: { type: 'integer', description: 'seconds' } }),
};
