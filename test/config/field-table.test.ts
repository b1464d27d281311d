// The reference is joi, which checks a whole table in one schema.
import { expect } from 'chai';
import fc from 'fast-check';
import Joi from 'joi';
import { FieldError, type Fields, omitDefaults, parseFields } from '../../src/config/field-table.js';

describe('parseFields', () => {
  const field = (schema: Joi.Schema, text?: string) => ({
    schema,
    expected: 'right',
    description: 'something',
    ...(text !== undefined && { default: text }),
  });
  const plain: Fields = {
    term: field(Joi.string().required()),
    number: field(Joi.number().integer().default(5)),
    order: field(Joi.string().valid('file', 'random').default('file')),
    seed: field(Joi.number()),
    dictionary: field(Joi.string(), 'the default one'),
  };
  const computing: Fields = {
    ...plain,
    most: field(
      Joi.number().default(({ number }: { number: number }) => 2 * number),
      'twice the number',
    ),
  };
  const anyInput = fc.record(
    {
      term: fc.constantFrom('a', '', 1),
      number: fc.constantFrom(1, 1.5, 'x'),
      order: fc.constantFrom('random', 'other'),
      seed: fc.constantFrom(1, null),
      dictionary: fc.constantFrom('a.txt', 1),
      other: fc.constant(1),
    },
    { requiredKeys: [] },
  );

  for (const [name, fields] of Object.entries({ plain, computing })) {
    it(`returns what joi returns for a ${name} table`, () => {
      const schema = Joi.object(Object.fromEntries(Object.entries(fields).map(([key, { schema }]) => [key, schema])));
      fc.assert(
        fc.property(anyInput, (input) => {
          const expected = schema.validate(input, { convert: false, abortEarly: false });
          const invalid = expected.error?.details.map(({ path }) => `"${path[0]}"`);
          try {
            expect(
              parseFields(fields, input, { convert: false, unknown: (key) => `"${key}" is unknown` }),
            ).to.deep.equal(expected.value);
            expect(invalid).to.equal(undefined);
          } catch (error) {
            if (!(error instanceof FieldError)) throw error;
            expect(error.problems.map((problem) => problem.split(' ')[0])).to.deep.equal([...new Set(invalid)]);
          }
        }),
        { numRuns: 500 },
      );
    });
  }

  it('ignores unknown names without a message for them', () => {
    expect(parseFields(plain, { term: 'a', toString: 1, x: 2 }, { convert: false })).to.deep.equal({
      term: 'a',
      number: 5,
      order: 'file',
    });
  });
});

describe('omitDefaults', () => {
  it('omits absent values, defaults and unknown names', () => {
    const field = (schema: Joi.Schema) => ({ schema, expected: 'something', description: 'nothing' });
    const fields = {
      a: field(Joi.number().default(1)),
      b: field(Joi.number().default(2)),
      c: field(Joi.string()),
      d: field(Joi.string()),
    };
    const values = { other: 1, c: 'x', b: 3, a: 1, d: undefined };
    expect(Object.entries(omitDefaults(fields, values))).to.deep.equal([
      ['b', 3],
      ['c', 'x'],
    ]);
  });
});

describe('parseFields, with thousands of invalid values', () => {
  const fields: Fields = {
    options: {
      schema: Joi.array().items(Joi.string().valid('a')).max(16),
      expected: 'an array of a',
      description: 'something',
    },
  };
  const problemsOf = (input: object): string[] => {
    try {
      parseFields(fields, input, { convert: false, unknown: (name) => `"${name}" is unknown` });
      return [];
    } catch (error) {
      if (!(error instanceof FieldError)) throw error;
      return error.problems;
    }
  };

  it('names the first unknown fields and counts the rest', () => {
    const input = Object.fromEntries(Array.from({ length: 6_500 }, (_, n) => [`f${n}`, n]));
    const problems = problemsOf(input);
    expect(problems).to.have.length(11);
    expect(problems[0]).to.equal('"f0" is unknown');
    expect(problems.at(-1)).to.equal('there are 6490 more unknown fields');
  });

  it('rejects an overlong array without checking every element', () => {
    let checked = 0;
    const count = (value: unknown) => {
      checked += 1;
      return value;
    };
    const counting: Fields = {
      options: {
        schema: Joi.array().items(Joi.any().custom(count)).max(16),
        expected: 'short',
        description: 'something',
      },
    };
    const input = { options: Array.from({ length: 16_000 }, () => 'a') };
    expect(() => parseFields(counting, input, { convert: false })).to.throw(FieldError, '"options" must be short');
    expect(checked).to.be.at.most(1_001);
    expect(problemsOf({ options: Array.from({ length: 16_000 }, () => 'x') })).to.have.length(1);
    expect(problemsOf({ options: Array.from({ length: 17 }, () => 'a') })).to.have.length(1);
    expect(problemsOf({ options: Array.from({ length: 16 }, () => 'a') })).to.deep.equal([]);
  });
});
