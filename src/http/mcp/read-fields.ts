// The arguments of the tool `read`, and which lines they select.
import Joi from 'joi';
import { type FieldValues, field } from '../../config/field-table.js';
import { AppError } from '../../errors.js';
import { selectorOf } from '../../search/dictionary-selector.js';
import { budgetFields, pageFieldsOf, parseArguments } from './tool-fields.js';

const MAX_CONTEXT = 100;
const DEFAULT_CONTEXT = 10;

function contextField(where: string) {
  return field<number | undefined>({
    schema: Joi.number().integer().min(0).max(MAX_CONTEXT),
    expected: `an integer from 0 to ${MAX_CONTEXT}`,
    description: `with \`line\`: how many lines ${where} it to return`,
    default: `\`${DEFAULT_CONTEXT}\``,
  });
}

export const readFields = {
  file: field<string>({
    // NUL separates the names of a selector, so a name must not have it.
    schema: Joi.string()
      .required()
      .custom((path: string) => selectorOf([path])),
    expected: 'the path of a file, as in results and in `list_files`',
    description: 'the file to read',
  }),
  line: field<number | undefined>({
    schema: Joi.number().integer().min(1),
    expected: 'an integer, 1 or more',
    description: 'the number of a line, as in results, to return with the lines around it',
    default: 'none: a page of the file is returned, from `offset` on',
  }),
  n_before: contextField('before'),
  n_after: contextField('after'),
  ...pageFieldsOf('lines'),
  ...budgetFields,
};

export interface SelectedLines {
  file: string;
  /** The number of lines to skip. */
  offset: number;
  /** The maximum number of lines; 0 or less means all. */
  nresults: number;
  /** The line that must be among them. */
  line: number | undefined;
  maxTokens: number;
}

/** Throws `invalid_request`. */
export function parseReadArguments(input: object): SelectedLines {
  const values = parseArguments('read', readFields, input);
  const { file, line, max_tokens: maxTokens } = values;
  if (line === undefined) return { ...pageValues(values), file, line, maxTokens };
  for (const name of ['offset', 'nresults'])
    if (Object.hasOwn(input, name)) throw ruleError(`"${name}" can't be combined with "line"`);
  const { n_before = DEFAULT_CONTEXT, n_after = DEFAULT_CONTEXT } = values;
  const offset = Math.max(0, line - 1 - n_before);
  return { file, offset, nresults: line + n_after - offset, line, maxTokens };
}

function pageValues({ n_before, n_after, offset, nresults }: FieldValues<typeof readFields>) {
  if (n_before !== undefined) throw ruleError('"n_before" requires "line"');
  if (n_after !== undefined) throw ruleError('"n_after" requires "line"');
  return { offset, nresults };
}

function ruleError(rule: string): AppError {
  return new AppError('invalid_request', `${rule}.`);
}
