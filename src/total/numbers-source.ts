// The interface between the providers of the numbers and the parser that adds them up.
import { AppError } from '../errors.js';

export interface NumbersSource {
  /**
   * Yields the JSON text of an array of numbers in chunks. Throws `NumbersError`.
   *
   * @param headers further headers of a request
   */
  read(headers?: Record<string, string>): AsyncIterable<Uint8Array>;
}

/** The numbers API can't be used, or its response is invalid. */
export class NumbersError extends AppError {
  constructor(message: string, options?: ErrorOptions) {
    super('numbers_failed', message, options);
  }
}
