// A thread that gets the numbers and adds them up: none of them ever comes to the thread of the requests.
import { constants, setPriority } from 'node:os';
import { workerData } from 'node:worker_threads';
import { AppError, type ErrorCode } from '../errors.js';
import { builtInNumbers } from './built-in-numbers.js';
import { NumberArray } from './number-array.js';
import { type NumbersApi, numbersClient } from './numbers-client.js';

/** Without an API: the built-in numbers. */
export interface TotalWorkerData {
  api: NumbersApi | undefined;
}

/** Errors that travel between threads lose their class. */
export type TotalOutcome = { total: string } | { failure: { code: ErrorCode; message: string } };

try {
  // Requests come first. On Linux the nice value is that of a thread, here of this one (setpriority(2)).
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
} catch {
  // It gives way to others more than that already.
}

const { api } = workerData as TotalWorkerData;
const source = api === undefined ? builtInNumbers : numbersClient(api);

export default async function addUp(): Promise<TotalOutcome> {
  try {
    const numbers = new NumberArray();
    for await (const piece of source.read()) numbers.read(piece);
    return { total: numbers.end() };
  } catch (error) {
    if (error instanceof AppError) return { failure: { code: error.code, message: error.message } };
    throw error;
  }
}
