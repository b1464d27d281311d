// The list of dictionaries: all of them, or a page of those that a filter selects.
import Joi from 'joi';
import { field } from '../../config/field-table.js';
import type { Dictionary, DictionaryList } from '../../search/engine.js';
import { parseRequestFields } from '../request-fields.js';
import { filterByName, filterField } from './name-filter.js';

const integer = Joi.number().unsafe().integer().default(0);

export const dictionaryListFields = {
  filter: filterField,
  offset: field<number>({
    schema: integer.min(0),
    expected: 'an integer, 0 or more',
    description: 'the number of dictionaries to skip',
  }),
  nresults: field<number>({
    schema: integer,
    expected: 'an integer',
    description: 'the maximum number of dictionaries to return; 0 or less returns all',
  }),
};

export interface DictionaryPage extends DictionaryList {
  /** The number of dictionaries that match the filter. */
  'nr of dictionaries': number;
}

/** Whether a request asks for a part of the list. */
export function isPartialList(parameters: object): boolean {
  return Object.keys(dictionaryListFields).some((name) => Object.hasOwn(parameters, name));
}

/** Throws `invalid_request`. */
export async function selectDictionaries(
  { dictionaries, ...list }: DictionaryList,
  parameters: object,
  signal: AbortSignal,
): Promise<DictionaryPage> {
  const { filter, offset, nresults } = parseRequestFields(dictionaryListFields, parameters, { convert: true });
  const matching = await filterByName(dictionaries, filter, ({ name }: Dictionary) => name, signal);
  const end = nresults > 0 ? offset + nresults : undefined;
  return { ...list, 'nr of dictionaries': matching.length, dictionaries: matching.slice(offset, end) };
}
