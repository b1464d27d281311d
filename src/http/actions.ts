// The actions of the API. The router, the instructions and the tests read this one table.
import Joi from 'joi';
import { AppError } from '../errors.js';
import { type Fields, show } from '../fields.js';
import type { AllQuery, Answer, SearchEngine, SearchQuery } from '../search/engine.js';
import { readRequestFields } from './request-fields.js';

export interface Action {
  summary: string;
  fields: Fields;
  /** A request about the dictionaries that grepd comes with, and its answer. */
  example: { request: object; answer: object };
  run: (engine: SearchEngine, query: never, signal: AbortSignal) => Answer;
}

const MOST_CONTEXT_LINES = 100;
const MOST_TERM_CHARACTERS = 1000;

const contextLines = {
  schema: Joi.number().integer().min(0).max(MOST_CONTEXT_LINES).default(0),
  expects: `an integer from 0 to ${MOST_CONTEXT_LINES}`,
};

const anyAction = {
  dictionary: {
    schema: Joi.string(),
    expects: 'the name of a dictionary',
    means: 'the file, or the folder of files, to look in',
    defaultsTo: 'the default dictionary',
  },
  nresults: {
    // However large: no dictionary has more entries than that.
    schema: Joi.number().unsafe().integer().default(0),
    expects: 'an integer',
    means: 'most entries to return; 0 or less means all',
  },
} satisfies Fields;

export const searchFields = {
  term: {
    // \p{Cs}: a lone surrogate is no character, and has no UTF-8 to search for.
    schema: Joi.string()
      .pattern(new RegExp(`^[^\\0\\r\\n\\p{Cs}]{1,${MOST_TERM_CHARACTERS}}$`, 'u'))
      .required(),
    expects: `a string of 1 to ${MOST_TERM_CHARACTERS} characters without NUL, line break or lone surrogate`,
    means: 'the text to look for, as it stands; upper and lower case differ',
  },
  ...anyAction,
  n_before: { ...contextLines, means: 'lines to quote before each matching line' },
  n_after: { ...contextLines, means: 'lines to quote after each matching line' },
} satisfies Fields;

export const actions = {
  search: {
    summary: 'The lines that hold a term.',
    fields: searchFields,
    example: {
      request: { action: 'search', dictionary: 'devils-dictionary.txt', term: 'HISTORY, n.', nresults: 1, n_after: 2 },
      answer: {
        'nr of entries': 1,
        results: [
          'HISTORY, n.  An account mostly false, of events mostly unimportant,\nwhich are brought about by rulers mostly knaves, and soldiers mostly\nfools.',
        ],
      },
    },
    run: (engine, query: SearchQuery, signal) => engine.search(query, signal),
  },
  all: {
    summary: 'Every line.',
    fields: anyAction,
    example: {
      request: { action: 'all', dictionary: 'king-james-bible.txt', nresults: 1 },
      answer: {
        'nr of entries': 31_102,
        results: ['Ge1:1 In the beginning God created the heaven and the earth.'],
      },
    },
    run: (engine, query: AllQuery, signal) => engine.all(query, signal),
  },
} satisfies Record<string, Action>;

/** Starts what a request's body asks for. Throws `invalid_json` or `invalid_request`, naming what was expected and what came. */
export function runAction(body: unknown, engine: SearchEngine, signal: AbortSignal): Answer {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new AppError(
      'invalid_json',
      `The body must be one JSON object, got ${body === '' ? 'nothing' : show(body)}.`,
    );
  }
  const { action: name, ...given } = body as { action?: unknown };
  const action = findAction(name);
  const unknown = (field: string) =>
    `"${field}" is no field of the action "${name}", which has: action, ${Object.keys(action.fields).join(', ')}`;
  return action.run(engine, readRequestFields(action.fields, given, { convert: false, unknown }), signal);
}

function findAction(name: unknown): Action {
  if (typeof name === 'string' && Object.hasOwn(actions, name)) return actions[name as keyof typeof actions];
  const expected = Object.keys(actions).map(show).join(' or ');
  throw new AppError(
    'invalid_request',
    name === undefined ? `"action" is required: ${expected}.` : `"action" must be ${expected}, got ${show(name)}.`,
  );
}
