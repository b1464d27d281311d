// Where the numbers come from: the interface between what asks for them and what adds them up.
import { AppError } from '../errors.js';

export interface NumbersSource {
  /** The JSON text of an array of numbers, piece by piece, as it comes. Throws NumbersFailed where it can't be had whole. */
  read(): AsyncIterable<Uint8Array>;
}

/** What is wrong with the numbers API or with its answer. */
export class NumbersFailed extends AppError {
  constructor(message: string, options?: ErrorOptions) {
    super('numbers_failed', message, options);
  }
}
