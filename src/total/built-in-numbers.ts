// Stands in for the numbers API where none is configured: a slow one.
import { setTimeout as sleep } from 'node:timers/promises';
import type { NumbersSource } from './numbers-source.js';

const LAST = 1_000_000;
const DELAY_MS = 1_000;
const AT_A_TIME = 10_000;

/** The integers from 0 to 1,000,000, after a second. */
export const builtInNumbers: NumbersSource = {
  async *read() {
    await sleep(DELAY_MS);
    for (let from = 0; from <= LAST; from += AT_A_TIME) {
      const length = Math.min(AT_A_TIME, LAST + 1 - from);
      const numbers = Array.from({ length }, (_, at) => from + at);
      yield Buffer.from(`${from === 0 ? '[' : ','}${numbers.join()}`);
    }
    yield Buffer.from(']');
  },
};
