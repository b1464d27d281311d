// The numbers if no numbers API is configured.
import { setTimeout as sleep } from 'node:timers/promises';
import type { NumbersSource } from './numbers-source.js';

const MAX_NUMBER = 1_000_000;
/** Imitates a slow API. */
const DELAY_MS = 1_000;
const NUMBERS_PER_CHUNK = 10_000;

/** The integers from 0 to 1,000,000, after a second. */
export const builtInNumbers: NumbersSource = {
  async *read() {
    await sleep(DELAY_MS);
    for (let first = 0; first <= MAX_NUMBER; first += NUMBERS_PER_CHUNK) {
      const length = Math.min(NUMBERS_PER_CHUNK, MAX_NUMBER + 1 - first);
      const numbers = Array.from({ length }, (_, index) => first + index);
      yield Buffer.from(`${first === 0 ? '[' : ','}${numbers.join()}`);
    }
    yield Buffer.from(']');
  },
};
