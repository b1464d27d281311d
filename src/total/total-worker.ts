// The worker thread that fetches the numbers and adds them up, so that the event loop of the main
// thread stays free for requests.
import { constants, setPriority } from 'node:os';
import { workerData } from 'node:worker_threads';
import { AppError, type ErrorCode } from '../errors.js';
import { builtInNumbers } from './built-in-numbers.js';
import { NumberArrayParser } from './number-array-parser.js';
import { createNumbersClient, type NumbersApi } from './numbers-client.js';

export interface TotalWorkerData {
  /** Without an API, the worker adds up the built-in numbers. */
  api: NumbersApi | undefined;
}

export interface TotalTask {
  /** Headers of the request to the API. */
  headers: Record<string, string>;
}

/** An error loses its class on its way to another thread, so a failure is sent as plain data. */
export type TotalOutcome = { total: string } | { failure: { code: ErrorCode; message: string } };

try {
  // On Linux, this sets the nice value of this thread only (setpriority(2)).
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
} catch {
  // The priority is already lower.
}

const { api } = workerData as TotalWorkerData;
const source = api === undefined ? builtInNumbers : createNumbersClient(api);

export default async function sumNumbers({ headers }: TotalTask): Promise<TotalOutcome> {
  try {
    const parser = new NumberArrayParser();
    for await (const chunk of source.read(headers)) parser.write(chunk);
    return { total: parser.end() };
  } catch (error) {
    if (error instanceof AppError) return { failure: { code: error.code, message: error.message } };
    throw error;
  }
}
