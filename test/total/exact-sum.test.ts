import { expect } from 'chai';
import fc from 'fast-check';
import { ExactSum } from '../../src/total/exact-sum.js';
import { NumbersError } from '../../src/total/numbers-source.js';

function sumOf(texts: string[]): string {
  const sum = new ExactSum();
  for (const text of texts) if (!sum.add(text)) throw new Error(`${text} was rejected`);
  return sum.toString();
}

/** An integer in one of the notations that JSON allows. */
const integerLiteral = fc
  .tuple(fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }), fc.nat({ max: 4 }), fc.nat({ max: 25 }))
  .map(([value, notation, places]) => ({ value, text: write(value, notation, places) }));

function write(value: bigint, notation: number, places: number): string {
  const digits = String(value).replace('-', '');
  const sign = value < 0n ? '-' : '';
  const head = digits.slice(0, Math.max(1, digits.length - places));
  const tail = digits.slice(head.length);
  if (notation === 0 || value === 0n) return sign + digits;
  if (notation === 1) return `${sign}${digits}.${'0'.repeat(places + 1)}`;
  if (notation === 2) return `${sign}${digits}${'0'.repeat(places)}e-${places}`;
  if (notation === 3) return tail === '' ? `${sign}${digits}E+0` : `${sign}${head}.${tail}e${tail.length}`;
  return `${sign}${digits}e0`;
}

/** Returns a double times 2^1074, which is an integer. */
function scaled(value: number): bigint {
  const bits = Buffer.alloc(8);
  bits.writeDoubleBE(value);
  const all = bits.readBigUInt64BE();
  const exponent = (all >> 52n) & 0x7ffn;
  const fraction = all & (2n ** 52n - 1n);
  const size = exponent === 0n ? fraction : (fraction + 2n ** 52n) << (exponent - 1n);
  return value < 0 ? -size : size;
}

const abs = (value: bigint) => (value < 0n ? -value : value);

describe('ExactSum', () => {
  it('adds integers of any size exactly, in any notation', () => {
    fc.assert(
      fc.property(fc.array(integerLiteral, { maxLength: 50 }), (integers) => {
        const expected = integers.reduce((sum, { value }) => sum + value, 0n);
        expect(sumOf(integers.map(({ text }) => text))).to.equal(String(expected));
      }),
      { numRuns: 2000 },
    );
  });

  it('adds many small integers exactly, even beyond 2^53', () => {
    const small = fc.integer({ min: -999_999_999_999_999, max: 999_999_999_999_999 });
    fc.assert(
      fc.property(fc.array(small, { maxLength: 200 }), (values) => {
        const sum = new ExactSum();
        for (const value of values) sum.addSmallInteger(value);
        expect(sum.toString()).to.equal(String(values.reduce((total, value) => total + BigInt(value), 0n)));
      }),
    );
    const sum = new ExactSum();
    for (let n = 0; n < 1000; n += 1) sum.addSmallInteger(999_999_999_999_999);
    expect(sum.toString()).to.equal('999999999999999000');
  });

  it('adds fractions as if in twice the precision', () => {
    const any = fc.oneof(
      // Larger doubles are integers, which ExactSum reads digit by digit.
      fc.double({ noNaN: true, min: -(2 ** 53), max: 2 ** 53 }),
      fc.double({ noNaN: true, min: -1, max: 1 }),
      fc.integer().map((n) => n / 100),
    );
    fc.assert(
      fc.property(fc.array(any, { maxLength: 60 }), (values) => {
        const exact = values.reduce((sum, value) => sum + scaled(value), 0n);
        const absolute = values.reduce((sum, value) => sum + abs(scaled(value)), 0n);
        // The sum of the integers adds two more operands: its nearest double, and the remainder.
        const n = BigInt(values.length + 3);
        const error = abs(scaled(Number(sumOf(values.map((value) => JSON.stringify(value))))) - exact);
        expect(error * 2n ** 106n <= abs(exact) * 2n ** 53n + n * n * absolute).to.equal(true);
      }),
      { numRuns: 2000 },
    );
  });

  const cases: [texts: string[], total: string][] = [
    [[], '0'],
    [['-0'], '0'],
    [['-0.0', '0e5', '0e99999'], '0'],
    [['9007199254740993'], '9007199254740993'],
    [['9007199254740992', '1'], '9007199254740993'],
    [['1e+21', '1'], '1000000000000000000001'],
    [['0.1', '0.2', '0.3'], '0.6'],
    [Array(10).fill('0.1'), '1'],
    [['0.5', '0.5'], '1'],
    [['1e100', '0.5', '-1e100'], '0.5'],
    [['9007199254740993', '0.5'], '9007199254740994'],
    [['1.5e1'], '15'],
    [['100e-2'], '1'],
    [['1e-1'], '0.1'],
    [['5e-324'], '5e-324'],
    [['1e-400'], '0'],
    [['1e400'], `1${'0'.repeat(400)}`],
    [['-1e22', '0.25'], '-1e+22'],
    [['12345678901234567890.5', '-12345678901234567890'], '0.5'],
    [['-12345678901234567890.5e1', '123456789012345678905'], '0'],
    [['1e22', '0.25', '-1e22'], '0.25'],
    [['0.00001e-3'], '1e-8'],
  ];
  for (const [texts, total] of cases) {
    it(`adds ${texts.slice(0, 3).join(', ') || 'nothing'} to ${total.slice(0, 30)}`, () => {
      expect(sumOf(texts)).to.equal(total);
    });
  }

  it('can be read between additions', () => {
    const sum = new ExactSum();
    for (const [text, total] of [
      ['0.5', '0.5'],
      ['1', '1.5'],
      ['0.5', '2'],
    ] as const) {
      sum.add(text);
      expect(sum.toString()).to.equal(total);
      expect(sum.toString()).to.equal(total);
    }
  });

  for (const text of [
    '',
    '-',
    '01',
    '-01',
    '1.',
    '.5',
    '+1',
    '1e',
    '1e+',
    '0x1',
    'Infinity',
    'NaN',
    '1_0',
    '1-1',
    ' 1',
    '--1',
  ]) {
    it(`rejects ${JSON.stringify(text)}`, () => {
      expect(new ExactSum().add(text)).to.equal(false);
    });
  }

  it('rejects numbers with too many digits', () => {
    for (const text of ['1e10000', '1e999999999999999999999', `${'9'.repeat(10_001)}`]) {
      expect(() => sumOf([text])).to.throw(NumbersError, 'more than 10000 digits');
    }
    expect(sumOf(['1e9999'])).to.have.length(10_000);
  });

  it('rejects a sum with fractions that is too large for a double', () => {
    expect(() => sumOf(['1e309', '0.5'])).to.throw(NumbersError, 'too large for a JSON number with a fraction');
    expect(() => sumOf([`${'9'.repeat(400)}.5`])).to.throw(NumbersError, 'too large');
  });
});
