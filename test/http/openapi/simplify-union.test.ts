import { expect } from 'chai';
import Joi from 'joi';
import { schemaOf } from '../../../src/http/openapi/schemas.js';

describe('the schema of alternatives', () => {
  const string = { type: 'string', minLength: 1 };
  function schemaFor(schema: Joi.Schema): object {
    const { description: _, ...result } = schemaOf({ schema, expected: '', description: '' });
    return result;
  }
  const names = Joi.alternatives(Joi.string(), Joi.array().items(Joi.string()).min(1).max(9));

  it('is a union of a value and an array', () => {
    const array = { type: 'array', items: string, minItems: 1, maxItems: 9 };
    expect(schemaFor(names)).to.deep.equal({ anyOf: [string, array] });
    expect(schemaFor(Joi.alternatives(names, names))).to.deep.equal({ anyOf: [string, array] });
    expect(schemaFor(Joi.alternatives(Joi.boolean(), names))).to.deep.equal({
      anyOf: [{ type: 'boolean' }, string, array],
    });
  });

  it('keeps its default', () => {
    expect(schemaFor(names.default('*')))
      .to.include({ default: '*' })
      .and.have.property('anyOf');
  });

  it('is the list with all values, whichever comes first', () => {
    const few = Joi.string().valid('a', 'b').default('a');
    const many = Joi.string().valid('a', 'b', 'c').default('a');
    const expected = { type: 'string', enum: ['a', 'b', 'c'], default: 'a' };
    expect(schemaFor(Joi.alternatives(few, many))).to.deep.equal(expected);
    expect(schemaFor(Joi.alternatives(many, few))).to.deep.equal(expected);
  });

  it('stays a union if no list has all values', () => {
    const union = schemaFor(Joi.alternatives(Joi.string().valid('a', 'b'), Joi.string().valid('b', 'c')));
    expect(union).to.deep.equal({
      anyOf: [
        { type: 'string', enum: ['a', 'b'] },
        { type: 'string', enum: ['b', 'c'] },
      ],
    });
  });
});
