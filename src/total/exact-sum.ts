// Adds numbers up, as they stand in JSON.
import { NumbersFailed } from './numbers-source.js';

/** The number of a JSON text (RFC 8259, section 6), in its parts. */
const NUMBER = /^(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/;

/** The most digits of an integer when it is written out. */
const MAX_DIGITS = 10_000;

/** As long as a sum is below this, adding a small integer is exact: 2^53 is 9.007e15. */
const SAFE = 8e15;

/**
 * The sum of numbers. Those that are integers (`1.50e1` is one) are added exactly, however large. Others are taken as the nearest doubles (where a
 * double has no room for a fraction, what is before the point is added exactly, and only what is behind it as a double) and
 * added with the compensation of Kahan, Babuška and Neumaier (A. Neumaier, Rundungsfehleranalyse einiger Verfahren zur Summation
 * endlicher Summen, 1974): the result is as good as if added in twice the precision and then rounded. That is, for n
 * fractions x and u = 2^-53, within u·|S| + (n·u)²·Σ|x| of their sum S (T. Ogita, S. M. Rump, S. Oishi, Accurate Sum and Dot Product,
 * 2005, Sum2).
 */
export class ExactSum {
  /** The integers: what has been added lately, and all before that. */
  #lately = 0;
  #integers = 0n;
  /** The fractions: their sum in doubles, and what was lost in it. */
  #fractions: { sum: number; lost: number } | undefined;

  /** Adds an integer with at most 15 digits. */
  addSmall(value: number): void {
    this.#lately += value;
    if (this.#lately > SAFE || this.#lately < -SAFE) this.#settle();
  }

  /** Adds any number. Nothing is added, and false returned, where the text is none. Throws NumbersFailed where it is too large. */
  add(text: string): boolean {
    if (!NUMBER.test(text)) return false;
    const value = Number(text);
    // An integer would be one as a double, too.
    if (Number.isFinite(value) && !Number.isInteger(value)) this.#addFraction(value);
    else this.#addLarge(text);
    return true;
  }

  /** The sum, as it stands in JSON: an integer in full digits; with fractions, what a double can hold. */
  toString(): string {
    this.#settle();
    if (this.#fractions === undefined) return String(this.#integers);
    const { sum, lost } = this.#fractions;
    const rounded = Number(this.#integers);
    const total = new ExactSum();
    total.#fractions = { sum, lost };
    total.#addFraction(rounded);
    if (Number.isFinite(rounded)) total.#addFraction(Number(this.#integers - BigInt(rounded)));
    const result = total.#fractions.sum + total.#fractions.lost;
    if (!Number.isFinite(result))
      throw new NumbersFailed('The sum is larger than a JSON number with a fraction can be.');
    return JSON.stringify(result);
  }

  /** Adds a number that may be an integer of any size. */
  #addLarge(text: string): void {
    const [, sign = '', whole = '', behind = '', exponent = '0'] = NUMBER.exec(text) ?? [];
    const { integer, fraction } = split(whole + behind, Number(exponent) - behind.length);
    this.#integers += sign === '-' ? -integer : integer;
    if (fraction !== 0) this.#addFraction(sign === '-' ? -fraction : fraction);
  }

  #settle(): void {
    this.#integers += BigInt(this.#lately);
    this.#lately = 0;
  }

  #addFraction(value: number): void {
    this.#fractions ??= { sum: 0, lost: 0 };
    const { sum } = this.#fractions;
    const next = sum + value;
    // What the larger of the two has lost of the smaller one.
    this.#fractions.lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
    this.#fractions.sum = next;
  }
}

/** The value of these digits times ten to this power: what is before the point, and what is behind it. */
function split(digits: string, power: number): { integer: bigint; fraction: number } {
  const significant = digits.replace(/^0+/, '');
  if (significant === '') return { integer: 0n, fraction: 0 };
  if (power < 0) {
    const point = significant.length + power;
    if (point <= 0) return { integer: 0n, fraction: Number(`${significant}e${power}`) };
    return { integer: BigInt(significant.slice(0, point)), fraction: Number(`0.${significant.slice(point)}`) };
  }
  if (significant.length + power > MAX_DIGITS) {
    throw new NumbersFailed(`A number of the numbers API has more than ${MAX_DIGITS} digits.`);
  }
  return { integer: BigInt(significant) * 10n ** BigInt(power), fraction: 0 };
}
