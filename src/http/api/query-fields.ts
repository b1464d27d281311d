// The fields that say what to search for, and the conditions that they express.
import Joi from 'joi';
import { type Fields, type FieldValues, field, type TypedField } from '../../config/field-table.js';
import { AppError } from '../../errors.js';
import type { AllQuery } from '../../search/engine.js';
import type { Conditions, QuerySyntax, QueryTerm } from '../../search/query.js';
import { oneOf } from './field-kinds.js';

export interface TermLimits {
  /** The maximum length of a term, in characters. */
  termLength: number;
}

/** An element of `all_of`, `any_of` or `none_of`. Missing properties default to the request's. */
type TermElement = string | (Pick<QueryTerm, 'term'> & Partial<QueryTerm>);

const SYNTAXES = ['literal', 'word', 'regex', 'phrase'] as const satisfies readonly QuerySyntax[];
const MAX_TERMS = 16;

export type QueryFields = ReturnType<typeof createQueryFields>;

export function createQueryFields({ termLength }: TermLimits) {
  const termSchema = Joi.string()
    // OpenAPI documents the pattern without its `u` flag, so it can't use \p.
    .pattern(new RegExp(`^[^\\0\\r\\n]{1,${termLength}}$`, 'u'))
    .custom(wellFormed);
  const element = Joi.alternatives(
    termSchema,
    Joi.object({
      term: termSchema.required(),
      syntax: Joi.string().valid(...SYNTAXES),
      ignore_case: Joi.boolean(),
    }),
  );
  const terms = (description: string): TypedField<TermElement[] | undefined> =>
    field<TermElement[] | undefined>({
      schema: Joi.array().items(element).min(1).max(MAX_TERMS),
      expected: `an array of 1 to ${MAX_TERMS} terms: strings, or objects with "term" and, where they differ, "syntax" and "ignore_case"`,
      description,
    });
  return {
    term: field<string | undefined>({
      schema: termSchema,
      expected: `a string of 1 to ${termLength} characters without NUL, line break or lone surrogate`,
      description: 'the text or pattern to search for',
      default: 'required unless `all_of`, `any_of` or `none_of` is given',
    }),
    syntax: oneOf(
      SYNTAXES,
      'how to match the term: literally, as a whole word, as a POSIX extended regular expression (`grep -E`), or as a phrase, whose white space matches any white space in a quote, line ends included',
    ),
    ignore_case: flag('whether to ignore case'),
    all_of: terms('terms that an entry must all match, in addition to `term`'),
    any_of: terms('terms of which an entry must match at least one'),
    none_of: terms('terms that an entry must not match; on its own, returns all other entries, as `grep -v` does'),
    join_hyphens: flag('whether phrases also match words that are hyphenated at a line end'),
    ignore_marks: flag('whether to ignore accents and other combining marks: `lopez` then matches `López`'),
  };
}

/** Every query has at least one of these. */
export const TERM_FIELDS = ['term', 'all_of', 'any_of', 'none_of'] as const;

/** Returns the terms that a request has, if any. */
export function termsOf(values: Partial<FieldValues<QueryFields>>): string[] {
  const { term, all_of = [], any_of = [], none_of = [] } = values;
  const elements = [...(term === undefined ? [] : [term]), ...all_of, ...any_of, ...none_of];
  return elements.map((element) => (typeof element === 'string' ? element : element.term));
}

type Values = FieldValues<QueryFields> & Pick<AllQuery, 'dictionary' | 'files' | 'unit'>;

/** Throws `invalid_request` if there is no term. */
export function toConditions(values: Values, fields: Fields): Conditions {
  const { term, syntax, ignore_case, dictionary, files, unit, join_hyphens, ignore_marks } = values;
  const toTerms = (name: 'all_of' | 'any_of' | 'none_of') =>
    (values[name] ?? []).map((element, at): QueryTerm => {
      const given = typeof element === 'string' ? { term: element } : element;
      return { syntax, ignore_case, ...given, field: `${name}[${at}]` };
    });
  const own = term === undefined ? [] : [{ term, syntax, ignore_case }];
  const conditions = {
    ...{ dictionary, files, unit, join_hyphens, ignore_marks },
    all_of: [...own, ...toTerms('all_of')],
    any_of: toTerms('any_of'),
    none_of: toTerms('none_of'),
  };
  if (allTerms(conditions).length > 0) return conditions;
  const expected = `${(fields.term as Fields[string]).expected}`;
  throw new AppError(
    'invalid_request',
    `"term" is required: ${expected}, unless "all_of", "any_of" or "none_of" is given.`,
  );
}

export function allTerms({ all_of, any_of, none_of }: Conditions): QueryTerm[] {
  return [...all_of, ...any_of, ...none_of];
}

/** Throws `invalid_request` if the fields of a query can't be combined. */
export function assertCombination(conditions: Conditions, { n_before = 0, n_after = 0 } = {}): void {
  const terms = allTerms(conditions);
  const phrase = terms.find(({ syntax }) => syntax === 'phrase');
  if (phrase === undefined) {
    if (conditions.join_hyphens) throw combinationError('"join_hyphens" requires "syntax": "phrase"');
    return;
  }
  if (conditions.unit === 'quote') return;
  if (terms.length > 1) throw combinationError('"unit" must be "quote" if one of several terms is a phrase');
  // Its matches aren't lines, so they can't tell which lines are the others.
  if (conditions.none_of.length > 0)
    throw combinationError('"none_of" with "syntax": "phrase" requires "unit": "quote"');
  const context = n_before > 0 ? 'n_before' : 'n_after';
  if (n_before + n_after > 0) throw combinationError(`"${context}" with "syntax": "phrase" requires "unit": "quote"`);
}

/** Throws `invalid_request` if no term can have matches. */
export function assertPositive({ all_of, any_of }: Conditions, what: string): void {
  if (all_of.length + any_of.length === 0) throw combinationError(`${what} requires "term", "all_of" or "any_of"`);
}

/** @param rule which field requires another, or can't be combined with it */
export function combinationError(rule: string): AppError {
  return new AppError('invalid_request', `${rule}.`);
}

function flag(description: string) {
  return field<boolean>({ schema: Joi.boolean().default(false), expected: 'true or false', description });
}

/** Rejects lone surrogates, which have no UTF-8 form to search for. */
function wellFormed(text: string, helpers: Joi.CustomHelpers): string | Joi.ErrorReport {
  return /\p{Cs}/u.test(text) ? helpers.error('string.base') : text;
}
