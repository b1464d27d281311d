import { expect } from 'chai';
import fc from 'fast-check';
import { NumberArray } from '../../src/total/number-array.js';
import { NumbersFailed } from '../../src/total/numbers-source.js';

/** @param length of the pieces in which it comes */
function add(text: string, length = Number.MAX_SAFE_INTEGER): string {
  const bytes = Buffer.from(text);
  const numbers = new NumberArray();
  for (let at = 0; at < bytes.length; at += length) numbers.read(bytes.subarray(at, at + length));
  return numbers.end();
}

const pieceLength = fc.integer({ min: 1, max: 20 });

describe('NumberArray', () => {
  it('adds up integers of any size, wherever a piece ends', () => {
    const space = fc.string({ unit: fc.constantFrom(' ', '\n', '\r', '\t'), maxLength: 2 });
    const element = fc.tuple(space, fc.oneof(fc.bigInt(), fc.bigInt({ min: -99n, max: 99n })), space);
    fc.assert(
      fc.property(fc.array(element), space, pieceLength, (elements, around, length) => {
        const text = `${around}[${elements.map(([before, value, after]) => before + value + after).join()}${
          elements.length === 0 ? around : ''
        }]${around}`;
        expect(add(text, length)).to.equal(String(elements.reduce((sum, [, value]) => sum + value, 0n)));
      }),
      { numRuns: 2000 },
    );
  });

  it('takes for an array of numbers what JSON.parse does, and nothing else', () => {
    const unit = fc.constantFrom('0', '1', '23', '-', '.', 'e', 'E+1', ',', ',', '1,2', ' ', '"a"', 'null', '[', ']');
    const text = fc.string({ unit, maxLength: 8 });
    let accepted = 0;
    fc.assert(
      fc.property(
        fc.oneof(
          text,
          text.map((inner) => `[${inner}]`),
        ),
        pieceLength,
        (json, length) => {
          const expected = parse(json);
          // What would have too many digits is refused.
          fc.pre(!/e\+?\d{4}/i.test(json));
          if (expected === undefined) expect(() => add(json, length)).to.throw(NumbersFailed);
          else {
            accepted += 1;
            const total = Number(add(json, length));
            // Where a double is too small for an element, it is not for ours.
            if (Number.isFinite(expected)) expect(total).to.be.closeTo(expected, Math.abs(expected) * 1e-12 + 1e-12);
          }
        },
      ),
      { numRuns: 20_000 },
    );
    expect(accepted).to.be.above(500);
  });

  const must = 'The answer of the numbers API must be a JSON array of numbers';
  const wrong: [text: string, message: string][] = [
    ['', 'The answer of the numbers API is empty.'],
    [' \n', 'The answer of the numbers API is empty.'],
    ['<!doctype html>', `${must}, got "<!doctype html>".`],
    ['{"numbers":[1]}', `${must}, got "{\\"numbers\\":[1]}".`],
    ['5', `${must}, got "5".`],
    ['null', `${must}, got "null".`],
    ['[1,"2",3]', `${must}; element 1 is none: got "\\"2\\",3]".`],
    ['[null]', `${must}; element 0 is none: got "null]".`],
    ['[1,2,[3]]', `${must}; element 2 is none: got "[3]]".`],
    ['[1,,2]', `${must}; element 1 is none: got ",2]".`],
    ['[1,]', `${must}; element 1 is none: got "]".`],
    ['[01]', `${must}; element 0 is none: got "01]".`],
    ['[NaN]', `${must}; element 0 is none: got "NaN]".`],
    ['[-]', `${must}; element 0 is none: got "-]".`],
    ['[1 2]', `${must}; behind element 0 must be a comma or the end, got "2]".`],
    ['[1;2]', `${must}; behind element 0 must be a comma or the end, got ";2]".`],
    ['[1]x', `${must}, and nothing behind it, got "x".`],
    ['[1][2]', `${must}, and nothing behind it, got "[2]".`],
    ['[1]2', `${must}, and nothing behind it, got "2".`],
    [`["${'x'.repeat(100)}"]`, `${must}; element 0 is none: got "\\"${'x'.repeat(39)}…".`],
    ['[', 'The answer of the numbers API is cut off: its array has no end after 0 numbers.'],
    ['[1,2', 'The answer of the numbers API is cut off: its array has no end after 1 numbers.'],
    ['[1,2,', 'The answer of the numbers API is cut off: its array has no end after 2 numbers.'],
    [`[${'1'.repeat(10_001)}]`, "Element 0 of the numbers API's array has more than 10000 digits."],
  ];
  for (const [text, message] of wrong) {
    it(`refuses ${JSON.stringify(text).slice(0, 40)}`, () => {
      expect(() => add(text))
        .to.throw(NumbersFailed)
        .with.property('message', message);
      if (text.length < 100) expect(() => add(text, 1)).to.throw(NumbersFailed);
    });
  }

  it('holds no number that has no end', () => {
    const numbers = new NumberArray();
    numbers.read(Buffer.from('['));
    expect(() => {
      for (let n = 0; n < 100; n += 1) numbers.read(Buffer.alloc(1000, '1'));
    }).to.throw(NumbersFailed, 'more than 10000 digits');
  });

  it('keeps nothing of a piece that is used again', () => {
    const numbers = new NumberArray();
    const piece = Buffer.from('[12');
    numbers.read(piece);
    piece.fill('9');
    numbers.read(Buffer.from('3]'));
    expect(numbers.end()).to.equal('123');
  });
});

/** The sum of an array of numbers; nothing where the text is none. */
function parse(json: string): number | undefined {
  try {
    const value = JSON.parse(json);
    if (!Array.isArray(value) || !value.every((each) => typeof each === 'number')) return undefined;
    return value.reduce((sum, each) => sum + each, 0);
  } catch {
    return undefined;
  }
}
