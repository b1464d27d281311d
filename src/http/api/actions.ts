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
import {
  type Answer,
  type EntryObject,
  LIST_OPTIONS,
  type ListQuery,
  type SearchEngine,
  type SearchQuery,
} from '../../search/engine.js';
import { parseRequestFields } from '../request-fields.js';
import type { Escape } from './escape.js';

export interface Action {
  summary: string;
  fields: Fields;
  /** A request about the bundled dictionaries, and its answer. */
  example: { request: object; answer: object };
  /** Whether equal requests get equal answers while the dictionary's version stays the same. */
  isCacheable: boolean;
  /** Throws `invalid_request` if the fields of a request don't fit the table. */
  parse: (input: object, options: ReadOptions) => ParsedFields;
}

export interface ParsedFields {
  values: ActionValues;
  /** The columns of a table of the results; `undefined` if they are strings. */
  columns: readonly string[] | undefined;
  run: (engine: SearchEngine, signal: AbortSignal) => Answer;
}

/** The values of an action's fields; each action has some of them. */
export type ActionValues = Partial<SearchQuery & ListQuery & { escape: Escape }>;

/** An action as the table below defines it. `run` gets exactly the values that its fields yield. */
interface ActionDefinition<Table extends Fields, Example> {
  summary: string;
  fields: Table;
  example: Example;
  isCacheable: boolean;
  /** As in `ParsedFields`. An action without it has no columns. */
  columns?: (values: FieldValues<Table>) => readonly string[] | undefined;
  run: (engine: SearchEngine, values: FieldValues<Table>, signal: AbortSignal) => Answer;
}

type ListOption = ListQuery['options'][number];

export interface ActionOptions {
  /** The maximum length of a term, in characters. */
  termLength: number;
}

export type Actions = ReturnType<typeof createActions>;

const MAX_CONTEXT = 100;
/** Enough for each option once, and for some repeats. */
const MAX_OPTIONS = 16;
/** NAME_MAX: no file name is longer. */
const MAX_FILTER_LENGTH = 255;

function contextField(description: string): TypedField<number> {
  return field<number>({
    schema: Joi.number().integer().min(0).max(MAX_CONTEXT).default(0),
    expected: `an integer from 0 to ${MAX_CONTEXT}`,
    description,
  });
}

const entryFields = {
  dictionary: field<string | undefined>({
    schema: Joi.string(),
    expected: 'the name of a dictionary',
    description: 'the file or folder to read',
    default: 'the default dictionary',
  }),
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
  unit: oneOf(
    ['line', 'quote'],
    'what an entry is: a line, or a quote (the lines between blank lines or, in a file with lines of `%` alone, between those lines)',
  ),
  order: oneOf(['file', 'random'], 'the order of the entries; `random` draws `nresults` of them'),
  seed: field<number | undefined>({
    schema: Joi.number().integer().min(Number.MIN_SAFE_INTEGER).max(Number.MAX_SAFE_INTEGER),
    expected: `an integer from ${Number.MIN_SAFE_INTEGER} to ${Number.MAX_SAFE_INTEGER}`,
    description: 'the seed of the random order: the same seed gives the same order',
  }),
  format: oneOf(
    ['text', 'object'],
    'whether entries are strings, or objects with their file, line, context and matches',
  ),
  escape: oneOf(
    ['json', 'html'],
    '`json` escapes texts for JSON only; `html` also escapes `& < > " \'` in them, for use in a page',
  ),
};

export function createActions({ termLength }: ActionOptions) {
  return {
    search: defineAction({
      summary: 'Returns the lines or quotes that match a term.',
      fields: {
        term: field<string>({
          // OpenAPI documents the pattern without its `u` flag, so it can't use \p.
          schema: Joi.string()
            .pattern(new RegExp(`^[^\\0\\r\\n]{1,${termLength}}$`, 'u'))
            .custom(wellFormed)
            .required(),
          expected: `a string of 1 to ${termLength} characters without NUL, line break or lone surrogate`,
          description: 'the text or pattern to search for',
        }),
        syntax: oneOf(
          ['literal', 'word', 'regex'],
          'how to match the term: literally, as a whole word, or as a POSIX extended regular expression (`grep -E`)',
        ),
        ignore_case: field<boolean>({
          schema: Joi.boolean().default(false),
          expected: 'true or false',
          description: 'whether to ignore case',
        }),
        n_before: contextField('lines (or quotes) of context before each match'),
        n_after: contextField('lines (or quotes) of context after each match'),
        ...entryFields,
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
      columns: entryColumns,
      run: (engine, { escape: _, ...query }, signal) => engine.search(query, signal),
    }),
    all: defineAction({
      summary: 'Returns every line or quote.',
      fields: entryFields,
      example: {
        request: { action: 'all', dictionary: 'king-james-bible.txt', nresults: 1 },
        answer: {
          'nr of entries': 31_102,
          results: ['Ge1:1 In the beginning God created the heaven and the earth.'],
        },
      },
      isCacheable: true,
      columns: entryColumns,
      run: (engine, { escape: _, ...query }, signal) => engine.all(query, signal),
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
      run: (engine, query, signal) => engine.list(query, signal),
    }),
  } satisfies Record<string, Action>;
}

function defineAction<Table extends Fields, Example extends Action['example']>(
  definition: ActionDefinition<Table, Example>,
): Omit<Action, 'fields' | 'example'> & { fields: Table; example: Example } {
  const { run, columns, ...action } = definition;
  const parse = (input: object, options: ReadOptions): ParsedFields => {
    const values = parseRequestFields(action.fields, input, options);
    return { values, columns: columns?.(values), run: (engine, signal) => run(engine, values, signal) };
  };
  return { ...action, parse };
}

const ENTRY_COLUMNS: readonly (keyof EntryObject)[] = ['file', 'line', 'text', 'before', 'after', 'matches'];

function entryColumns({ format }: Pick<SearchQuery, 'format'>): readonly string[] | undefined {
  return format === 'text' ? undefined : ENTRY_COLUMNS;
}

/** Rejects lone surrogates, which have no UTF-8 form to search for. */
function wellFormed(text: string, helpers: Joi.CustomHelpers): string | Joi.ErrorReport {
  return /\p{Cs}/u.test(text) ? helpers.error('string.base') : text;
}

/** The actions under default settings, for the documentation. */
export const defaultActions = createActions({ termLength: DEFAULT_TERM_LENGTH });

/** A field that takes one of these values; the first one is the default. */
function oneOf<const Values extends readonly string[]>(values: Values, description: string) {
  return field<Values[number]>({
    schema: Joi.string()
      .valid(...values)
      .default(values[0]),
    expected: oneOfText(values),
    description,
  });
}

/** `"a" or "b"`, `one of "a", "b", "c"` */
export function oneOfText(values: readonly string[]): string {
  const shown = values.map(renderValue);
  return shown.length <= 2 ? shown.join(' or ') : `one of ${shown.join(', ')}`;
}
