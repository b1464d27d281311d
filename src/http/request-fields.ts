// Parses the fields of a request, and reports invalid ones as the caller's error.
import { FieldError, type Fields, parseFields, type ReadOptions } from '../config/field-table.js';
import { AppError } from '../errors.js';

/** Returns the values with defaults filled in. Throws `invalid_request` naming the invalid ones. */
export function parseRequestFields<Values>(fields: Fields, input: object, options: ReadOptions): Values {
  try {
    return parseFields<Values>(fields, input, options);
  } catch (error) {
    if (error instanceof FieldError) {
      const reason = `${error.redactedMessage}.`;
      throw new AppError('invalid_request', `${error.message}.`, { cause: error, reason });
    }
    throw error;
  }
}
