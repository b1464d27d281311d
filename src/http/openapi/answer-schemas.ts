// The schemas of the answers to requests, and of their results.
import type { Actions } from '../api/actions.js';
import { answerName, kindsOf } from './answer-kinds.js';
import { count, type JsonSchema, object, ref, strings } from './schemas.js';

const nrOfEntries = {
  ...count,
  description: 'the number of matching entries in the whole dictionary, even if fewer are returned',
};
const truncated = {
  type: 'string',
  description:
    'why the answer is incomplete, if it is: `line_length`, `dictionary_changed`, `unreadable_folder`, `time`, …',
};

/** By the kind of the answer. */
const resultSchemas: Record<string, JsonSchema> = {
  text: { type: 'string' },
  object: ref('entry'),
  kwic: ref('concordanceLine'),
  count: ref('fileCount'),
  frequencies: ref('frequency'),
};

export function answerSchemas(actions: Actions): Record<string, JsonSchema> {
  const kinds = kindsOf(actions);
  return {
    answer: { description: 'the answer to a request', anyOf: kinds.map((kind) => ref(answerName(kind))) },
    ...Object.fromEntries(kinds.map((kind) => [answerName(kind), answerSchema(kind)])),
    ...partSchemas,
  };
}

function answerSchema(kind: string): JsonSchema {
  const items = resultSchemas[kind];
  if (items === undefined) throw new Error(`The results of "${kind}" have no schema.`);
  const results = { type: 'array', items, description: 'the entries' };
  return object({ 'nr of entries': nrOfEntries, results, truncated }, ['truncated']);
}

export const partSchemas: Record<string, JsonSchema> = {
  entry: {
    ...object({
      file: { type: 'string', description: 'the path of the file, which is also a valid dictionary name' },
      line: { type: 'integer', minimum: 1, description: 'the number of its first line' },
      text: { type: 'string' },
      before: { ...strings, description: 'the lines or quotes before the entry' },
      after: { ...strings, description: 'the lines or quotes after the entry' },
      matches: {
        type: 'array',
        items: { type: 'array', prefixItems: [count, count], items: false, minItems: 2, maxItems: 2 },
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
};
