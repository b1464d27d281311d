import { expect } from 'chai';
import fc from 'fast-check';
import { NumberArrayParser } from '../../src/total/number-array-parser.js';
import { NumbersError } from '../../src/total/numbers-source.js';

/** @param length the size of the chunks, in bytes */
function parse(text: string, length = Number.MAX_SAFE_INTEGER): string {
  const bytes = Buffer.from(text);
  const parser = new NumberArrayParser();
  for (let at = 0; at < bytes.length; at += length) parser.write(bytes.subarray(at, at + length));
  return parser.end();
}

const chunkLength = fc.integer({ min: 1, max: 20 });

describe('NumberArrayParser', () => {
  it('adds up integers of any size, wherever the chunks end', () => {
    const space = fc.string({ unit: fc.constantFrom(' ', '\n', '\r', '\t'), maxLength: 2 });
    const element = fc.tuple(space, fc.oneof(fc.bigInt(), fc.bigInt({ min: -99n, max: 99n })), space);
    fc.assert(
      fc.property(fc.array(element), space, chunkLength, (elements, around, length) => {
        const text = `${around}[${elements.map(([before, value, after]) => before + value + after).join()}${
          elements.length === 0 ? around : ''
        }]${around}`;
        expect(parse(text, length)).to.equal(String(elements.reduce((sum, [, value]) => sum + value, 0n)));
      }),
      { numRuns: 2000 },
    );
  });

  it('accepts the same arrays of numbers as JSON.parse', () => {
    const unit = fc.constantFrom('0', '1', '23', '-', '.', 'e', 'E+1', ',', ',', '1,2', ' ', '"a"', 'null', '[', ']');
    const text = fc.string({ unit, maxLength: 8 });
    let accepted = 0;
    fc.assert(
      fc.property(
        fc.oneof(
          text,
          text.map((inner) => `[${inner}]`),
        ),
        chunkLength,
        (json, length) => {
          const expected = expectedSum(json);
          // Numbers with too many digits are rejected.
          fc.pre(!/e\+?\d{4}/i.test(json));
          if (expected === undefined) expect(() => parse(json, length)).to.throw(NumbersError);
          else {
            accepted += 1;
            const total = Number(parse(json, length));
            // An element that overflows a double doesn't overflow our sum.
            if (Number.isFinite(expected)) expect(total).to.be.closeTo(expected, Math.abs(expected) * 1e-12 + 1e-12);
          }
        },
      ),
      { numRuns: 20_000 },
    );
    expect(accepted).to.be.above(500);
  });

  const must = 'The numbers API must return a JSON array of numbers';
  const wrong: [text: string, message: string][] = [
    ['', 'The response of the numbers API is empty.'],
    [' \n', 'The response of the numbers API is empty.'],
    ['<!doctype html>', `${must}, got "<!doctype html>".`],
    ['{"numbers":[1]}', `${must}, got "{\\"numbers\\":[1]}".`],
    ['5', `${must}, got "5".`],
    ['null', `${must}, got "null".`],
    ['[1,"2",3]', `${must}, but element 1 is not a number: "\\"2\\",3]".`],
    ['[null]', `${must}, but element 0 is not a number: "null]".`],
    ['[1,2,[3]]', `${must}, but element 2 is not a number: "[3]]".`],
    ['[1,,2]', `${must}, but element 1 is not a number: ",2]".`],
    ['[1,]', `${must}, but element 1 is not a number: "]".`],
    ['[01]', `${must}, but element 0 is not a number: "01]".`],
    ['[NaN]', `${must}, but element 0 is not a number: "NaN]".`],
    ['[-]', `${must}, but element 0 is not a number: "-]".`],
    ['[1 2]', `${must}, but neither a comma nor "]" follows element 0: "2]".`],
    ['[1;2]', `${must}, but neither a comma nor "]" follows element 0: ";2]".`],
    ['[1]x', `${must}, but more follows the array: "x".`],
    ['[1][2]', `${must}, but more follows the array: "[2]".`],
    ['[1]2', `${must}, but more follows the array: "2".`],
    [`["${'x'.repeat(100)}"]`, `${must}, but element 0 is not a number: "\\"${'x'.repeat(39)}…".`],
    ['[', 'The response of the numbers API ends in the middle of its array, after 0 elements.'],
    ['[1,2', 'The response of the numbers API ends in the middle of its array, after 1 elements.'],
    ['[1,2,', 'The response of the numbers API ends in the middle of its array, after 2 elements.'],
    [`[${'1'.repeat(10_001)}]`, "Element 0 of the numbers API's array has more than 10000 digits."],
  ];
  for (const [text, message] of wrong) {
    it(`rejects ${JSON.stringify(text).slice(0, 40)}`, () => {
      expect(() => parse(text))
        .to.throw(NumbersError)
        .with.property('message', message);
      if (text.length < 100) expect(() => parse(text, 1)).to.throw(NumbersError);
    });
  }

  it('rejects a number that never ends', () => {
    const parser = new NumberArrayParser();
    parser.write(Buffer.from('['));
    expect(() => {
      for (let n = 0; n < 100; n += 1) parser.write(Buffer.alloc(1000, '1'));
    }).to.throw(NumbersError, 'more than 10000 digits');
  });

  it('copies what it keeps of a chunk', () => {
    const parser = new NumberArrayParser();
    const chunk = Buffer.from('[12');
    parser.write(chunk);
    chunk.fill('9');
    parser.write(Buffer.from('3]'));
    expect(parser.end()).to.equal('123');
  });
});

/** Returns `undefined` if the text isn't an array of numbers. */
function expectedSum(json: string): number | undefined {
  try {
    const value = JSON.parse(json);
    if (!Array.isArray(value) || !value.every((each) => typeof each === 'number')) return undefined;
    return value.reduce((sum, each) => sum + each, 0);
  } catch {
    return undefined;
  }
}
