// The query parameters of `GET /api/v1/search`: the fields of all actions that it accepts.
import Joi from 'joi';
import { type Field, type Fields, field } from '../../config/field-table.js';
import type { Actions } from '../api/actions.js';
import { downloadField } from '../api/download.js';
import { oneOfText } from '../api/field-kinds.js';
import { DEFAULT_ACTION, searchingActions } from '../api/parse-query.js';

export function searchQueryFields(actions: Actions): Fields {
  const searching = searchingActions(actions);
  const tables = Object.values(searching).map(({ fields }) => fields);
  const names = [...new Set(tables.flatMap((fields) => Object.keys(fields)))];
  const action = field<string>({
    schema: Joi.string()
      .valid(...Object.keys(searching))
      .default(DEFAULT_ACTION),
    expected: oneOfText(Object.keys(searching)),
    description: 'what to do',
  });
  const fields = Object.fromEntries(names.map((name) => [name, merge(name, tables)]));
  return { action, ...fields, download: downloadField };
}

/** A parameter is required if every action requires it, and accepts what any action accepts. */
function merge(name: string, tables: readonly Fields[]): Field {
  const definitions = tables.flatMap((fields) => fields[name] ?? []);
  const [first, ...others] = [...new Map(definitions.map((each) => [each.expected, each])).values()];
  if (first === undefined) throw new Error(`No action has a field "${name}".`);
  const isOptional = definitions.length < tables.length;
  const all = [first, ...others];
  const schema = others.length === 0 ? first.schema : Joi.alternatives(...all.map((each) => each.schema));
  return {
    ...first,
    schema: isOptional ? schema.optional() : schema,
    expected: all.map(({ expected }) => expected).join(', or '),
  };
}
