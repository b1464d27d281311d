// The actions of the API. The router, the documentation and the tests read this one table.
import Joi from 'joi';
import {
  type Fields,
  type FieldValues,
  field,
  type ReadOptions,
  renderValue,
  type TypedField,
} from '../../config/field-table.js';
import { DEFAULT_TERM_LENGTH } from '../../config/settings.js';
import { type AllQuery, type Answer, LIST_OPTIONS, type ListQuery } from '../../search/engine.js';
import type { QueryEngine, Result } from '../../search/query.js';
import { parseRequestFields } from '../request-fields.js';
import { dictionaryField } from './dictionary-field.js';
import type { Escape } from './escape.js';
import { oneOf } from './field-kinds.js';
import {
  assertCombination,
  assertPositive,
  combinationError,
  createQueryFields,
  TERM_FIELDS,
  type TermLimits,
  termsOf,
  toConditions,
} from './query-fields.js';
import { DEFAULT_WIDTH, toConcordanceQuery, toFindQuery } from './search-queries.js';

export interface Action {
  summary: string;
  fields: Fields;
  /** A request about the bundled dictionaries, and its answer. */
  example: { request: object; answer: object };
  /** A request must have at least one of these fields. */
  atLeastOneOf?: readonly string[];
  /** Whether equal requests get equal answers while the dictionary's version stays the same. */
  isCacheable: boolean;
  /** Throws `invalid_request` if the fields of a request don't fit the table. */
  parse: (input: object, options: ReadOptions) => ParsedFields;
}

/** Answers a request. */
export type Run = (engine: QueryEngine, signal: AbortSignal) => Answer<Result>;

export interface ParsedFields {
  values: ActionValues;
  /** The terms to search for. */
  terms: string[];
  /** The columns if results are rendered as a table; `undefined` if they are strings. */
  columns: readonly string[] | undefined;
  run: Run;
}

/** Values that code outside this table reads; each action has some of them. */
export type ActionValues = Partial<Pick<AllQuery, 'dictionary' | 'seed'> & { order: string; escape: Escape }>;

/**
 * An action as the table below defines it. `prepare` gets exactly the values that its fields yield,
 * and throws `invalid_request` if they can't be combined.
 */
interface ActionDefinition<Table extends Fields, Example> {
  summary: string;
  fields: Table;
  example: Example;
  atLeastOneOf?: readonly string[];
  isCacheable: boolean;
  /** As in `ParsedFields`. An action without it has no columns. */
  columns?: (values: FieldValues<Table>) => readonly string[] | undefined;
  prepare: (values: FieldValues<Table>, fields: Table) => Run;
}

type ListOption = ListQuery['options'][number];

export type ActionOptions = TermLimits;

export type Actions = ReturnType<typeof createActions>;

export type ActionName = keyof Actions;

const MAX_CONTEXT = 100;
const MAX_WIDTH = 1_000;
const MAX_DISTANCE = 5;
/** Enough for each option once, and for some repeats. */
const MAX_OPTIONS = 16;
/** NAME_MAX: no file name is longer. */
const MAX_FILTER_LENGTH = 255;
const MAX_GLOBS = 16;
const MAX_GLOB_LENGTH = 255;

function contextField(description: string): TypedField<number> {
  return field<number>({
    schema: Joi.number().integer().min(0).max(MAX_CONTEXT).default(0),
    expected: `an integer from 0 to ${MAX_CONTEXT}`,
    description,
  });
}

const glob = Joi.string().pattern(new RegExp(`^[\\s\\S]{1,${MAX_GLOB_LENGTH}}$`, 'u'));

/** Where to search, and what the entries are. */
const sourceFields = {
  dictionary: dictionaryField,
  files: field<string[] | undefined>({
    schema: Joi.alternatives(glob, Joi.array().items(glob).min(1).max(MAX_GLOBS)).custom(toArray),
    expected: `a string of 1 to ${MAX_GLOB_LENGTH} characters, or an array of 1 to ${MAX_GLOBS} of them`,
    description:
      'globs for the files of the dictionary to read: `*`, `?`, `[a-z]`, `[!a-z]` within a name, `**` for any number of folders; a glob without `/` matches the name in any folder; a leading `!` excludes; `\\` escapes the next character',
    default: 'all files',
  }),
  unit: oneOf(
    ['line', 'quote'],
    'what an entry is: a line, or a quote (the lines between blank lines or, in a file with lines of `%` alone, between those lines)',
  ),
};

const pageFields = {
  nresults: field<number>({
    // Unsafe integers are fine: no dictionary has that many entries.
    schema: Joi.number().unsafe().integer().default(0),
    expected: 'an integer',
    description: 'the maximum number of entries to return; 0 or less returns all',
  }),
  offset: field<number>({
    schema: Joi.number().unsafe().integer().min(0).default(0),
    expected: 'an integer, 0 or more',
    description: 'the number of entries to skip',
  }),
};

const seed = field<number | undefined>({
  schema: Joi.number().integer().min(Number.MIN_SAFE_INTEGER).max(Number.MAX_SAFE_INTEGER),
  expected: `an integer from ${Number.MIN_SAFE_INTEGER} to ${Number.MAX_SAFE_INTEGER}`,
  description: 'the seed of the random order: the same seed gives the same order',
});

const escapeField = oneOf(
  ['json', 'html'],
  '`json` escapes texts for JSON only; `html` also escapes `& < > " \'` in them, for use in a page',
);

export function createActions(limits: ActionOptions) {
  const queryFields = createQueryFields(limits);
  return {
    search: defineAction({
      summary: 'Returns the lines or quotes that match one or more terms.',
      atLeastOneOf: TERM_FIELDS,
      fields: {
        ...queryFields,
        n_before: contextField('lines (or quotes) of context before each match'),
        n_after: contextField('lines (or quotes) of context after each match'),
        ...sourceFields,
        ...pageFields,
        order: oneOf(
          ['file', 'random', 'left', 'match', 'right'],
          'the order of the entries; `random` draws `nresults` of them; `left` and `right` sort a concordance by the three nearest words on that side, `match` by the match',
        ),
        seed,
        format: oneOf(
          ['text', 'object', 'kwic'],
          'whether entries are strings, objects with their file, line, context and matches, or the lines of a concordance (key word in context): one for each match, with the text on both sides',
        ),
        width: field<number | undefined>({
          schema: Joi.number().integer().min(0).max(MAX_WIDTH),
          expected: `an integer from 0 to ${MAX_WIDTH}`,
          description: 'how much text to return on each side of a match in a concordance, in `width_unit`',
          default: `\`${DEFAULT_WIDTH}\``,
        }),
        width_unit: field<'characters' | 'words' | undefined>({
          schema: Joi.string().valid('characters', 'words'),
          expected: '"characters" or "words"',
          description: 'the unit of `width`',
          default: '`characters`',
        }),
        escape: escapeField,
      },
      example: {
        request: {
          action: 'search',
          dictionary: 'devils-dictionary.txt',
          term: 'HISTORY, n.',
          nresults: 1,
          n_after: 2,
        },
        answer: {
          'nr of entries': 1,
          results: [
            'HISTORY, n.  An account mostly false, of events mostly unimportant,\nwhich are brought about by rulers mostly knaves, and soldiers mostly\nfools.',
          ],
        },
      },
      isCacheable: true,
      columns: ({ format }) => COLUMNS[format],
      prepare: (values, fields) => {
        const query = toFindQuery(values, fields);
        if (values.format !== 'kwic') return (engine, signal) => engine.find(query, signal);
        const concordance = toConcordanceQuery(values, query);
        return (engine, signal) => engine.concordance(concordance, signal);
      },
    }),
    count: defineAction({
      summary: 'Returns the number of entries and matches of each file.',
      atLeastOneOf: TERM_FIELDS,
      fields: { ...queryFields, ...sourceFields, escape: escapeField },
      example: {
        request: { action: 'count', dictionary: 'moby-dick', term: 'whale', syntax: 'word', files: 'before-*' },
        answer: {
          'nr of entries': 39,
          results: [
            { file: 'moby-dick/before-1-etymology.txt', entries: 1, matches: 1, per_million_words: 5263.16 },
            { file: 'moby-dick/before-2-extracts.txt', entries: 38, matches: 44, per_million_words: 12_907.01 },
          ],
        },
      },
      isCacheable: true,
      columns: () => COLUMNS.count,
      prepare: (values, fields) => {
        const query = toConditions(values, fields);
        assertCombination(query);
        return (engine, signal) => engine.count(query, signal);
      },
    }),
    frequencies: defineAction({
      summary: 'Returns the distinct matches, or the words beside them, with their counts.',
      atLeastOneOf: TERM_FIELDS,
      fields: {
        ...queryFields,
        fold_case: field<boolean>({
          schema: Joi.boolean().default(false),
          expected: 'true or false',
          description: 'whether texts that differ only in case count as one, in lower case',
        }),
        by: field<'left' | 'right' | undefined>({
          schema: Joi.string().valid('left', 'right'),
          expected: '"left" or "right"',
          description: 'count the words on this side of the matches instead of the matches themselves',
        }),
        distance: field<number | undefined>({
          schema: Joi.number().integer().min(1).max(MAX_DISTANCE),
          expected: `an integer from 1 to ${MAX_DISTANCE}`,
          description: 'how many words on that side to count',
          default: '`1`',
        }),
        ...sourceFields,
        ...pageFields,
        escape: escapeField,
      },
      example: {
        request: { action: 'frequencies', dictionary: 'moby-dick', term: 'whal[a-z]*', syntax: 'regex', nresults: 3 },
        answer: {
          'nr of entries': 16,
          results: [
            { text: 'whale', count: 924 },
            { text: 'whales', count: 239 },
            { text: 'whaling', count: 118 },
          ],
        },
      },
      isCacheable: true,
      columns: ({ by }) => (by === undefined ? COLUMNS.frequencies : [...COLUMNS.frequencies, 'log_likelihood']),
      prepare: (values, fields) => {
        const conditions = toConditions(values, fields);
        assertCombination(conditions);
        assertPositive(conditions, '"action": "frequencies"');
        const { fold_case, by, distance, nresults, offset } = values;
        if (distance !== undefined && by === undefined) throw combinationError('"distance" requires "by"');
        const query = { ...conditions, fold_case, by, distance: distance ?? 1, nresults, offset };
        return (engine, signal) => engine.frequencies(query, signal);
      },
    }),
    all: defineAction({
      summary: 'Returns every line or quote.',
      fields: {
        ...sourceFields,
        ...pageFields,
        order: oneOf(['file', 'random'], 'the order of the entries; `random` draws `nresults` of them'),
        seed,
        format: oneOf(
          ['text', 'object'],
          'whether entries are strings, or objects with their file, line, context and matches',
        ),
        escape: escapeField,
      },
      example: {
        request: { action: 'all', dictionary: 'king-james-bible.txt', nresults: 1 },
        answer: {
          'nr of entries': 31_102,
          results: ['Ge1:1 In the beginning God created the heaven and the earth.'],
        },
      },
      isCacheable: true,
      columns: ({ format }) => COLUMNS[format],
      prepare:
        ({ escape: _, ...query }) =>
        (engine, signal) =>
          engine.all(query, signal),
    }),
    list: defineAction({
      summary: 'Returns the names in a folder, as `ls` prints them.',
      fields: {
        folder: field<string>({
          schema: Joi.string().allow('').default(''),
          expected: 'the name of a folder',
          description: 'the folder to list; empty for the dictionaries folder itself',
          default: 'empty',
        }),
        filter: field<string | undefined>({
          schema: Joi.string().pattern(new RegExp(`^[^/]{1,${MAX_FILTER_LENGTH}}$`, 'su')),
          expected: `a string of 1 to ${MAX_FILTER_LENGTH} characters without /`,
          description: 'a glob that names must match: `*`, `?`, `[a-z]`, `[!a-z]`; `\\` escapes the next character',
        }),
        options: field<ListOption[]>({
          schema: Joi.array()
            .items(Joi.string().valid(...LIST_OPTIONS))
            .max(MAX_OPTIONS)
            .default([]),
          expected: `an array of at most ${MAX_OPTIONS} of ${LIST_OPTIONS.map(renderValue).join(', ')}`,
          description:
            'options of `ls`: long format, hidden names, sort by time, sort by size, reverse order, recursive, human-readable sizes, one name per line (the default)',
          default: 'none',
        }),
      },
      example: {
        request: { action: 'list', folder: 'moby-dick', filter: 'before-*' },
        answer: { 'nr of entries': 2, results: ['before-1-etymology.txt', 'before-2-extracts.txt'] },
      },
      isCacheable: false,
      prepare: (query) => (engine, signal) => engine.list(query, signal),
    }),
  } satisfies Record<string, Action>;
}

function defineAction<Table extends Fields, Example extends Action['example']>(
  definition: ActionDefinition<Table, Example>,
): Omit<Action, 'fields' | 'example'> & { fields: Table; example: Example } {
  const { prepare, columns, ...action } = definition;
  const parse = (input: object, options: ReadOptions): ParsedFields => {
    const values = parseRequestFields(action.fields, input, options);
    const run = prepare(values, action.fields);
    return { values, terms: termsOf(values), columns: columns?.(values), run };
  };
  return { ...action, parse };
}

/** The columns of each kind of results. */
const COLUMNS = {
  text: undefined,
  object: ['file', 'line', 'text', 'before', 'after', 'matches'],
  kwic: ['file', 'line', 'left', 'match', 'right'],
  count: ['file', 'entries', 'matches', 'per_million_words'],
  frequencies: ['text', 'count'],
} as const;

function toArray(value: string | string[]): string[] {
  return typeof value === 'string' ? [value] : value;
}

/** The actions under default settings, for the documentation. */
export const defaultActions = createActions({ termLength: DEFAULT_TERM_LENGTH });
