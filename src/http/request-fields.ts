// The fields of a request: what is wrong with them is the caller's error.

import { FieldError, type Fields, parseFields, type ReadOptions } from '../config/field-table.js';
import { AppError } from '../errors.js';

/** The values with their defaults filled in. Throws `invalid_request`, which names every field that is wrong. */
export function parseRequestFields<Values>(fields: Fields, input: object, options: ReadOptions): Values {
  try {
    return parseFields<Values>(fields, input, options);
  } catch (error) {
    if (error instanceof FieldError) {
      const reason = `${error.withoutValues}.`;
      throw new AppError('invalid_request', `${error.message}.`, { cause: error, reason });
    }
    throw error;
  }
}
