// Where the numbers come from: the interface between what asks for them and what adds them up.

export interface NumbersSource {
  /** The JSON text of an array of numbers, piece by piece, as it comes. Throws NumbersFailed where it can't be had whole. */
  read(): AsyncIterable<Uint8Array>;
}

/** What is wrong with the numbers API or with its answer. The message is for the caller. */
export class NumbersFailed extends Error {
  override readonly name = 'NumbersFailed';
}
