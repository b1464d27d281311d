// Values that are recorded under a name, several times.
import { median } from './median.js';

export class Timings {
  readonly #values = new Map<string, number[]>();

  /** Records the milliseconds that work takes, and returns its result. */
  async time<T>(name: string, work: () => Promise<T>): Promise<T> {
    const begin = performance.now();
    const result = await work();
    this.record(name, performance.now() - begin);
    return result;
  }

  record(name: string, value: number): void {
    this.#values.set(name, [...(this.#values.get(name) ?? []), value]);
  }

  median(name: string): number {
    return median(this.#values.get(name) ?? []);
  }

  max(name: string): number {
    return Math.max(...(this.#values.get(name) ?? []));
  }
}
