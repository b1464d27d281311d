// Parses the fields of a request, and reports invalid ones as the caller's error.
import { FieldError, type Fields, type FieldValues, parseFields, type ReadOptions } from '../config/field-table.js';
import { AppError } from '../errors.js';

/** Returns the values with defaults filled in. Throws `invalid_request` naming the invalid ones. */
export function parseRequestFields<Table extends Fields>(
  fields: Table,
  input: object,
  options: ReadOptions,
): FieldValues<Table> {
  try {
    return parseFields(fields, input, options);
  } catch (error) {
    if (error instanceof FieldError) {
      const reason = `${error.redactedMessage}.`;
      throw new AppError('invalid_request', `${error.message}.`, { cause: error, reason });
    }
    throw error;
  }
}
