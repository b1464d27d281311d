// Turns the fields of a search into the query that answers it.
import type { Fields, FieldValues } from '../../config/field-table.js';
import type { AllQuery, Format } from '../../search/engine.js';
import type { ConcordanceQuery, FindQuery, SortOrder } from '../../search/query.js';
import { assertCombination, assertPositive, combinationError, type QueryFields, toConditions } from './query-fields.js';

/** The values of a search. */
export type SearchValues = FieldValues<QueryFields> &
  Pick<AllQuery, 'dictionary' | 'files' | 'unit' | 'nresults' | 'offset' | 'seed'> & {
    n_before: number;
    n_after: number;
    order: 'file' | 'random' | SortOrder;
    format: Format | 'kwic';
    width?: number | undefined;
    width_unit?: 'characters' | 'words' | undefined;
  };

export const DEFAULT_WIDTH = 40;

const KWIC = '"format": "kwic"';

/**
 * Throws `invalid_request` if the fields can't be combined. For a concordance, returns the query
 * that finds its entries.
 */
export function toFindQuery(values: SearchValues, fields: Fields): FindQuery {
  const { n_before, n_after, nresults, offset, order, seed, format } = values;
  const conditions = toConditions(values, fields);
  assertCombination(conditions, { n_before, n_after });
  const page = { ...conditions, n_before, n_after, nresults, offset, seed };
  if (format === 'kwic') return { ...page, order: 'file', format: 'object' };
  if (order !== 'file' && order !== 'random') throw combinationError(`"order": "${order}" requires ${KWIC}`);
  for (const name of ['width', 'width_unit'] as const) {
    if (values[name] !== undefined) throw combinationError(`"${name}" requires ${KWIC}`);
  }
  return { ...page, order, format };
}

/** Throws `invalid_request` if the fields can't be combined. */
export function toConcordanceQuery(values: SearchValues, conditions: FindQuery): ConcordanceQuery {
  const { order, width = DEFAULT_WIDTH, width_unit = 'characters' } = values;
  assertPositive(conditions, KWIC);
  for (const name of ['n_before', 'n_after'] as const) {
    if (values[name] > 0) throw combinationError(`"${name}" can't be combined with ${KWIC}; use "width"`);
  }
  if (values.seed !== undefined) throw combinationError(`"seed" can't be combined with ${KWIC}`);
  if (order === 'random') throw combinationError(`"order": "random" can't be combined with ${KWIC}`);
  const { dictionary, files, unit, all_of, any_of, none_of, join_hyphens, ignore_marks, nresults, offset } = conditions;
  const where = { dictionary, files, unit, all_of, any_of, none_of, join_hyphens, ignore_marks };
  return { ...where, nresults, offset, order, width, width_unit };
}
