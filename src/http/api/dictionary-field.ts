// The field that says where to search, and how it is written in requests and addresses.
import Joi from 'joi';
import { field } from '../../config/field-table.js';
import { MAX_NAMES, namesIn, selectorOf, selectsSeveral } from '../../search/dictionary-selector.js';

/** Its value is a selector. */
export const dictionaryField = field<string | undefined>({
  schema: Joi.alternatives(Joi.string(), Joi.array().items(Joi.string()).min(1).max(MAX_NAMES)).custom(toSelector),
  expected: `the name of a dictionary, an array of 1 to ${MAX_NAMES.toLocaleString('en')} of them, or "*"`,
  description: 'the file or folder to read, or several of them; `*` reads all dictionaries',
  default: 'the default dictionary',
});

function toSelector(value: string | string[]): string {
  return selectorOf([value].flat());
}

/** Returns the value of the field that yields a selector. */
export function fromSelector(selector: string): string | string[] {
  return selectsSeveral(selector) && namesIn(selector).length > 1 ? namesIn(selector) : selector;
}
