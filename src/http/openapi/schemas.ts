// JSON Schemas (draft 2020-12) of what is sent and answered.
import { defaultOf, type Field, type Fields } from '../../config/field-table.js';
import type { Actions } from '../api/actions.js';

export type JsonSchema = Record<string, unknown>;

export const ref = (schema: string): JsonSchema => ({ $ref: `#/components/schemas/${schema}` });

/** What a field may be, as joi itself tells it, and what it is for. */
export function schemaOf({ schema, description, expected }: Field): JsonSchema {
  const standard = schema['~standard'] as unknown as JsonSchemaSource;
  return { ...standard.jsonSchema.input({ target: 'draft-2020-12' }), description: `${description}; ${expected}` };
}

/** As https://standardschema.dev/json-schema describes it; joi's types don't. */
interface JsonSchemaSource {
  jsonSchema: { input: (options: { target: string }) => JsonSchema };
}

/** The request of each action, by its name. */
export function requestSchemas(actions: Actions): Record<string, JsonSchema> {
  return Object.fromEntries(
    Object.entries(actions).map(([name, { summary, fields }]) => [name, requestSchema(name, summary, fields)]),
  );
}

function requestSchema(name: string, summary: string, fields: Fields): JsonSchema {
  const all = Object.entries(fields);
  const required = all.filter(([, field]) => defaultOf(field) === 'required').map(([field]) => field);
  return {
    type: 'object',
    description: summary,
    properties: {
      action: { type: 'string', const: name, description: 'what to do' },
      ...Object.fromEntries(all.map(([field, it]) => [field, schemaOf(it)])),
    },
    required: ['action', ...required],
    additionalProperties: false,
  };
}

const strings = { type: 'array', items: { type: 'string' } };
const count = { type: 'integer', minimum: 0 };

function object(properties: Record<string, JsonSchema>, optional: string[] = []): JsonSchema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: 'object', properties, required, additionalProperties: false };
}

const nrOfEntries = {
  ...count,
  description: 'how many entries match in the whole dictionary, however many are returned',
};
const truncated = {
  type: 'string',
  description:
    'why, where the answer is not whole: `line_length`, `dictionary_changed`, `unreadable_folder`, `time`, …',
};

export const answerSchemas: Record<string, JsonSchema> = {
  answer: object(
    {
      'nr of entries': nrOfEntries,
      results: { type: 'array', items: { anyOf: [{ type: 'string' }, ref('entry')] }, description: 'the entries' },
      truncated,
    },
    ['truncated'],
  ),
  entry: {
    ...object({
      file: { type: 'string', description: 'the path of the file, which is itself the name of a dictionary' },
      line: { type: 'integer', minimum: 1, description: 'the number of its first line' },
      text: { type: 'string' },
      before: { ...strings, description: 'the lines, or quotes, before it' },
      after: { ...strings, description: 'the lines, or quotes, after it' },
      matches: {
        type: 'array',
        items: { type: 'array', items: count, minItems: 2, maxItems: 2 },
        description: 'start and end of each match in `text`, in UTF-16 code units',
      },
    }),
    description: 'an entry in the format `object`',
  },
  count: {
    ...object({ 'nr of entries': nrOfEntries, truncated }, ['truncated']),
    description: 'the last line of an answer in NDJSON',
  },
  error: {
    ...object({
      Code: { type: 'integer', description: 'the HTTP status' },
      message: { type: 'string', description: 'what was expected and what came' },
    }),
    description: 'every error',
  },
  dictionaries: object(
    {
      default: {
        type: 'string',
        description: 'the dictionary that is searched if a request names none; chosen at start, unless it is set',
      },
      dictionaries: {
        type: 'array',
        items: object({
          name: { type: 'string' },
          files: count,
          bytes: count,
          modified: { type: 'string', format: 'date-time' },
          version: {
            type: 'string',
            pattern: '^[0-9a-f]{12}$',
            description:
              'another one where a file has another path, size or time of modification (in seconds): the same on all machines that hold the same files',
          },
        }),
      },
      links: { type: 'object', description: 'what else there is', additionalProperties: { type: 'object' } },
    },
    ['default'],
  ),
  total: object({ total: { type: 'number', description: 'with as many digits as it has' } }),
  status: object({ status: { type: 'string' } }),
  waited: object({ waited: { type: 'integer', description: 'seconds' } }),
};
