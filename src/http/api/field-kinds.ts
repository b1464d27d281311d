// Kinds of fields that several actions have.
import Joi from 'joi';
import { field, renderValue } from '../../config/field-table.js';

/** A field that takes one of these values; the first one is the default. */
export function oneOf<const Values extends readonly string[]>(values: Values, description: string) {
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
