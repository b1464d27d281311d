// The actions of the API. The router, the instructions and the tests read this one table.
import Joi from 'joi';
import { type Field, type Fields, show } from '../../config/field-table.js';
import { DEFAULT_TERM_LENGTH } from '../../config/settings.js';
import { AppError } from '../../errors.js';
import {
  type AllQuery,
  type Answer,
  type ListQuery,
  listOptions,
  type SearchEngine,
  type SearchQuery,
} from '../../search/engine.js';
import { parseRequestFields } from '../request-fields.js';
import type { Escape } from './escape.js';

export interface Action {
  summary: string;
  fields: Fields;
  /** A request about the dictionaries that grepd comes with, and its answer. */
  example: { request: object; answer: object };
  /** Whether the answer depends on nothing but a dictionary: the same version, the same answer. */
  isAboutDictionary: boolean;
  run: (engine: SearchEngine, query: never, signal: AbortSignal) => Answer;
}

export interface ActionOptions {
  /** The longest term, in characters. */
  termLength: number;
}

export type Actions = ReturnType<typeof createActions>;

const MAX_CONTEXT = 100;
/** Room for each option once, and for some repeats. */
const MAX_OPTIONS = 16;
/** No name of a file is longer. */
const MAX_FILTER = 255;

const context = {
  schema: Joi.number().integer().min(0).max(MAX_CONTEXT).default(0),
  expected: `an integer from 0 to ${MAX_CONTEXT}`,
};

const anyAction = {
  dictionary: {
    schema: Joi.string(),
    expected: 'the name of a dictionary',
    description: 'the file, or the folder of files, to look in',
    default: 'the default dictionary',
  },
  nresults: {
    // However large: no dictionary has more entries than that.
    schema: Joi.number().unsafe().integer().default(0),
    expected: 'an integer',
    description: 'most entries to return; 0 or less means all',
  },
  offset: {
    schema: Joi.number().unsafe().integer().min(0).default(0),
    expected: 'an integer, 0 or more',
    description: 'entries to pass over first',
  },
  unit: {
    ...oneOf('line', 'quote'),
    description:
      'what an entry is: a line, or a whole quote (the lines between blank lines or, in a file with lines of `%` alone, between those)',
  },
  order: {
    ...oneOf('file', 'random'),
    description: 'the order of the entries; with `random`, `nresults` of them are drawn',
  },
  seed: {
    schema: Joi.number().integer().min(Number.MIN_SAFE_INTEGER).max(Number.MAX_SAFE_INTEGER),
    expected: `an integer from ${Number.MIN_SAFE_INTEGER} to ${Number.MAX_SAFE_INTEGER}`,
    description: 'decides the random order: the same seed, the same order',
  },
  format: {
    ...oneOf('text', 'object'),
    description: 'entries as strings, or as objects that say where they stand and what in them matches',
  },
  escape: {
    ...oneOf('json', 'html'),
    description: '`html` also escapes `& < > " \'` in every text, for putting it into a page',
  },
} satisfies Fields;

/** The actions with their fields, as they are checked under these limits. */
export function createActions({ termLength }: ActionOptions) {
  return {
    search: {
      summary: 'The lines, or quotes, that match a term.',
      fields: {
        term: {
          // The pattern also stands in the OpenAPI document, for readers that don't know the flag u and what needs it.
          schema: Joi.string()
            .pattern(new RegExp(`^[^\\0\\r\\n]{1,${termLength}}$`, 'u'))
            .custom(wellFormed)
            .required(),
          expected: `a string of 1 to ${termLength} characters without NUL, line break or lone surrogate`,
          description: 'what to look for',
        },
        syntax: {
          ...oneOf('literal', 'word', 'regex'),
          description:
            'how the term is read: as it stands, as a whole word, as a POSIX extended regular expression (`grep -E`)',
        },
        ignore_case: {
          schema: Joi.boolean().default(false),
          expected: 'true or false',
          description: 'whether upper and lower case are the same',
        },
        n_before: { ...context, description: 'lines (or quotes) to give before each match' },
        n_after: { ...context, description: 'lines (or quotes) to give after each match' },
        ...anyAction,
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
      isAboutDictionary: true,
      run: (engine: SearchEngine, query: SearchQuery, signal: AbortSignal) => engine.search(query, signal),
    },
    all: {
      summary: 'Every line, or quote.',
      fields: anyAction,
      example: {
        request: { action: 'all', dictionary: 'king-james-bible.txt', nresults: 1 },
        answer: {
          'nr of entries': 31_102,
          results: ['Ge1:1 In the beginning God created the heaven and the earth.'],
        },
      },
      isAboutDictionary: true,
      run: (engine: SearchEngine, query: AllQuery, signal: AbortSignal) => engine.all(query, signal),
    },
    list: {
      summary: 'The names in a folder, as `ls` prints them.',
      fields: {
        folder: {
          schema: Joi.string().allow('').default(''),
          expected: 'the name of a folder',
          description: 'the folder to list; empty: the folder of all dictionaries',
          default: 'empty',
        },
        filter: {
          schema: Joi.string().pattern(new RegExp(`^[^/]{1,${MAX_FILTER}}$`, 'su')),
          expected: `a string of 1 to ${MAX_FILTER} characters without /`,
          description:
            'a glob that the names must match: `*`, `?`, `[a-z]`, `[!a-z]`, and `\\` before what stands for itself',
        },
        options: {
          schema: Joi.array()
            .items(Joi.string().valid(...listOptions))
            .max(MAX_OPTIONS)
            .default([]),
          expected: `an array of at most ${MAX_OPTIONS} of ${listOptions.map(show).join(', ')}`,
          description:
            'options of `ls`: details, hidden names too, by time, by size, in reverse, folders within too, sizes for people, a name a line (as always)',
          default: 'none',
        },
      },
      example: {
        request: { action: 'list', folder: 'moby-dick', filter: 'before-*' },
        answer: { 'nr of entries': 2, results: ['before-1-etymology.txt', 'before-2-extracts.txt'] },
      },
      isAboutDictionary: false,
      run: (engine: SearchEngine, query: ListQuery, signal: AbortSignal) => engine.list(query, signal),
    },
  } satisfies Record<string, Action>;
}

/** A lone surrogate is no character, and has no UTF-8 to search for. */
function wellFormed(text: string, helpers: Joi.CustomHelpers): string | Joi.ErrorReport {
  return /\p{Cs}/u.test(text) ? helpers.error('string.base') : text;
}

/** As they are where nothing else is set: for the documentation. */
export const defaultActions = createActions({ termLength: DEFAULT_TERM_LENGTH });

/** A field that has one of these values; the first is the default. */
function oneOf(...values: [string, ...string[]]): Pick<Field, 'schema' | 'expected'> {
  return {
    schema: Joi.string()
      .valid(...values)
      .default(values[0]),
    expected: values.map(show).join(' or '),
  };
}

/** What a request's body asks for. */
export interface ParsedRequest {
  /** The name of the action. */
  action: string;
  /** How the texts of the answer are to be escaped. */
  escaping: Escape;
  /** The dictionary that it is about, where it names one. */
  dictionary: string | undefined;
  /** What it searches for, where it is a search. */
  term: string | undefined;
  /** The same for the same question. None where the same question may have another answer although the dictionary is the same. */
  key: string | undefined;
  run: (engine: SearchEngine, signal: AbortSignal) => Answer;
}

/** Throws `invalid_json` or `invalid_request`, naming what was expected and what came. */
export function parseRequest(actions: Actions, body: unknown): ParsedRequest {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    const expected = 'The body must be one JSON object';
    throw new AppError('invalid_json', `${expected}, got ${show(body)}.`, { reason: `${expected}.` });
  }
  const { action: name, ...given } = body as { action?: unknown };
  const action = findAction(actions, name);
  const unknown = (field: string) =>
    `${show(field)} is no field of the action "${name}", which has: action, ${Object.keys(action.fields).join(', ')}`;
  const { escape: escaping = 'json', ...query } = parseRequestFields<{ escape?: Escape }>(action.fields, given, {
    convert: false,
    unknown,
  });
  const { dictionary, term, order, seed } = query as Partial<SearchQuery>;
  const values = Object.keys(action.fields).map((field) => (query as Record<string, unknown>)[field]);
  const isRepeatable = action.isAboutDictionary && (order !== 'random' || seed !== undefined);
  return {
    action: String(name),
    escaping,
    dictionary,
    term,
    key: isRepeatable ? JSON.stringify([name, escaping, ...values]) : undefined,
    run: (engine, signal) => action.run(engine, query as never, signal),
  };
}

function findAction(actions: Actions, name: unknown): Action {
  const action = isNameIn(actions, name) ? actions[name] : undefined;
  if (action !== undefined) return action;
  const names = Object.keys(actions).map(show).join(' or ');
  if (name === undefined) throw new AppError('invalid_request', `"action" is required: ${names}.`);
  const expected = `"action" must be ${names}`;
  throw new AppError('invalid_request', `${expected}, got ${show(name)}.`, { reason: `${expected}.` });
}

function isNameIn(actions: Actions, name: unknown): name is keyof Actions {
  return typeof name === 'string' && Object.hasOwn(actions, name);
}
