// Adds up JSON numbers without losing digits.
import { NumbersError } from './numbers-source.js';

/** A JSON number (RFC 8259, section 6): sign, integer part, fraction, exponent. */
const NUMBER = /^(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/;

/** The maximum length of an integer written without an exponent. */
const MAX_DIGITS = 10_000;

/** Below this, adding an integer of 15 digits to a double is exact: 2^53 is 9.007e15. */
const MAX_PENDING = 8e15;

/**
 * Adds integers exactly, of any size and notation (`1.50e1` is one), and other numbers as doubles
 * with the Kahan-Babuška-Neumaier compensation. A number with a fraction that is too large for a
 * double is split at its decimal point, so its integer part is exact too.
 */
export class ExactSum {
  /** Small integers that are not in `#integers` yet, because adding to a bigint is slow. */
  #pending = 0;
  #integers = 0n;
  /** The sum of the fractions is `sum + compensation`, which is what rounding has lost. */
  #fractions: { sum: number; compensation: number } | undefined;

  /** Adds an integer of at most 15 digits. */
  addSmallInteger(value: number): void {
    this.#pending += value;
    if (this.#pending > MAX_PENDING || this.#pending < -MAX_PENDING) this.#flush();
  }

  /** Returns `false`, and adds nothing, if the text isn't a JSON number. Throws `NumbersError`. */
  add(text: string): boolean {
    if (!NUMBER.test(text)) return false;
    const value = Number(text);
    // A double with a fraction is never an integer that was rounded.
    if (Number.isFinite(value) && !Number.isInteger(value)) this.#addFraction(value);
    else this.#addDecimal(text);
    return true;
  }

  /** Returns the sum as JSON: all digits of an integer, or the nearest double. */
  toString(): string {
    this.#flush();
    if (this.#fractions === undefined) return String(this.#integers);
    const rounded = Number(this.#integers);
    const total = new ExactSum();
    total.#fractions = { ...this.#fractions };
    total.#addFraction(rounded);
    if (Number.isFinite(rounded)) total.#addFraction(Number(this.#integers - BigInt(rounded)));
    const result = total.#fractions.sum + total.#fractions.compensation;
    if (!Number.isFinite(result)) throw new NumbersError('The sum is too large for a JSON number with a fraction.');
    return JSON.stringify(result);
  }

  #addDecimal(text: string): void {
    const [, sign = '', integerDigits = '', fractionDigits = '', exponent = '0'] = NUMBER.exec(text) ?? [];
    const { integer, fraction } = splitDecimal(
      integerDigits + fractionDigits,
      Number(exponent) - fractionDigits.length,
    );
    this.#integers += sign === '-' ? -integer : integer;
    if (fraction !== 0) this.#addFraction(sign === '-' ? -fraction : fraction);
  }

  #flush(): void {
    this.#integers += BigInt(this.#pending);
    this.#pending = 0;
  }

  /**
   * For n fractions x with the sum S, the error is within u·|S| + (n·u)²·Σ|x|, where u = 2^-53: as
   * if added in twice the precision (Ogita, Rump, Oishi, Accurate Sum and Dot Product, 2005, Sum2).
   */
  #addFraction(value: number): void {
    this.#fractions ??= { sum: 0, compensation: 0 };
    const { sum } = this.#fractions;
    const next = sum + value;
    // The digits of the smaller operand that the addition has rounded away.
    this.#fractions.compensation += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
    this.#fractions.sum = next;
  }
}

/** Splits `digits` × 10^`exponent` at the decimal point. Throws `NumbersError` for huge ones. */
function splitDecimal(digits: string, exponent: number): { integer: bigint; fraction: number } {
  const significant = digits.replace(/^0+/, '');
  if (significant === '') return { integer: 0n, fraction: 0 };
  if (exponent < 0) {
    const point = significant.length + exponent;
    if (point <= 0) return { integer: 0n, fraction: Number(`${significant}e${exponent}`) };
    return { integer: BigInt(significant.slice(0, point)), fraction: Number(`0.${significant.slice(point)}`) };
  }
  if (significant.length + exponent > MAX_DIGITS) {
    throw new NumbersError(`A number from the numbers API has more than ${MAX_DIGITS} digits.`);
  }
  return { integer: BigInt(significant) * 10n ** BigInt(exponent), fraction: 0 };
}
