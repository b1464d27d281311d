// The JSON Schemas (draft 2020-12) of requests and responses.
import { defaultOf, type Field } from '../../config/field-table.js';
import { INDEX_STATES } from '../../search/engine.js';
import type { Action, Actions } from '../api/actions.js';

export type JsonSchema = Record<string, unknown>;

export const ref = (schema: string): JsonSchema => ({ $ref: `#/components/schemas/${schema}` });

/** Returns joi's own JSON Schema of a field, with a description. */
export function schemaOf({ schema, description, expected }: Field): JsonSchema {
  const standard = schema['~standard'] as unknown as JsonSchemaSource;
  return { ...standard.jsonSchema.input({ target: 'draft-2020-12' }), description: `${description}; ${expected}` };
}

/** From https://standardschema.dev/json-schema: joi's types lack it. */
interface JsonSchemaSource {
  jsonSchema: { input: (options: { target: string }) => JsonSchema };
}

/** The schema of each action's request, by the name of the action. */
export function requestSchemas(actions: Actions): Record<string, JsonSchema> {
  return Object.fromEntries(Object.entries(actions).map(([name, action]) => [name, requestSchema(name, action)]));
}

function requestSchema(name: string, { summary, fields, atLeastOneOf }: Action): JsonSchema {
  const all = Object.entries(fields);
  const required = all.filter(([, field]) => defaultOf(field) === 'required').map(([field]) => field);
  return {
    type: 'object',
    description: summary,
    properties: {
      action: { type: 'string', const: name, description: 'what to do' },
      ...Object.fromEntries(all.map(([field, definition]) => [field, schemaOf(definition)])),
    },
    required: ['action', ...required],
    additionalProperties: false,
    ...(atLeastOneOf && { anyOf: atLeastOneOf.map((field) => ({ required: [field] })) }),
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
  description: 'the number of matching entries in the whole dictionary, even if fewer are returned',
};
const truncated = {
  type: 'string',
  description:
    'why the answer is incomplete, if it is: `line_length`, `dictionary_changed`, `unreadable_folder`, `time`, …',
};

/** The schemas of results that are objects. */
const RESULTS = ['entry', 'concordanceLine', 'fileCount', 'frequency'];

export const answerSchemas: Record<string, JsonSchema> = {
  answer: object(
    {
      'nr of entries': nrOfEntries,
      results: {
        type: 'array',
        items: { anyOf: [{ type: 'string' }, ...RESULTS.map(ref)] },
        description: 'the entries',
      },
      truncated,
    },
    ['truncated'],
  ),
  entry: {
    ...object({
      file: { type: 'string', description: 'the path of the file, which is also a valid dictionary name' },
      line: { type: 'integer', minimum: 1, description: 'the number of its first line' },
      text: { type: 'string' },
      before: { ...strings, description: 'the lines or quotes before the entry' },
      after: { ...strings, description: 'the lines or quotes after the entry' },
      matches: {
        type: 'array',
        items: { type: 'array', items: count, minItems: 2, maxItems: 2 },
        description: 'the start and end of each match in `text`, in UTF-16 code units',
      },
    }),
    description: 'an entry in the format `object`',
  },
  concordanceLine: {
    ...object({
      file: { type: 'string', description: 'the path of the file, which is also a valid dictionary name' },
      line: { type: 'integer', minimum: 1, description: 'the number of the line in which the match begins' },
      left: { type: 'string', description: 'the text before the match, in which line ends are spaces' },
      match: { type: 'string' },
      right: { type: 'string', description: 'the text after the match' },
    }),
    description: 'a match in the format `kwic`',
  },
  fileCount: {
    ...object({
      file: { type: 'string', description: 'the path of the file, which is also a valid dictionary name' },
      entries: { ...count, description: 'the number of matching lines or quotes' },
      matches: { ...count, description: 'the number of matches in them' },
      per_million_words: { type: 'number', minimum: 0, description: 'matches per million words of the file' },
    }),
    description: 'the count of a file, of the action `count`',
  },
  frequency: {
    ...object(
      {
        text: { type: 'string' },
        count,
        log_likelihood: {
          type: 'number',
          minimum: 0,
          description: 'with `by`: how much more or less often the word occurs there than in the whole dictionary',
        },
      },
      ['log_likelihood'],
    ),
    description: 'how often a text occurs, of the action `frequencies`',
  },
  lastLine: {
    ...object({ 'nr of entries': nrOfEntries, truncated }, ['truncated']),
    description: 'the last line of an answer in NDJSON',
  },
  error: {
    ...object({
      Code: { type: 'integer', description: 'the HTTP status' },
      message: { type: 'string', description: 'what was expected and what was received' },
    }),
    description: 'an error',
  },
  dictionaries: object(
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
        items: object({
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
        }),
      },
      links: { type: 'object', description: 'the rest of the API', additionalProperties: { type: 'object' } },
    },
    ['default', 'nr of dictionaries'],
  ),
  total: object({ total: { type: 'number', description: 'an exact sum, with all its digits' } }),
  status: object({ status: { type: 'string' } }),
  waited: object({ waited: { type: 'integer', description: 'seconds' } }),
};
