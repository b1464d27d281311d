// The arguments that tools share. Arguments are validated like the fields of the API.
import Joi from 'joi';
import {
  defaultOf,
  type Field,
  type Fields,
  type FieldValues,
  field,
  renderValue,
  type TypedField,
} from '../../config/field-table.js';
import { type JsonSchema, schemaOf } from '../openapi/schemas.js';
import { parseRequestFields } from '../request-fields.js';

/** Room for one result and its notes. */
const MIN_TOKENS = 500;
export const MAX_TOKENS = 100_000;
export const DEFAULT_MAX_TOKENS = 10_000;

export const budgetFields = {
  max_tokens: field<number>({
    schema: Joi.number().integer().min(MIN_TOKENS).max(MAX_TOKENS).default(DEFAULT_MAX_TOKENS),
    expected: `an integer from ${MIN_TOKENS} to ${MAX_TOKENS}`,
    description:
      'the maximum size of the answer, in estimated tokens; results that do not fit are on the next page, at `next_offset`',
  }),
};

/** @param what the plural of what a page lists, such as `files` */
export function pageFieldsOf(what: string): { offset: TypedField<number>; nresults: TypedField<number> } {
  return {
    offset: field<number>({
      schema: Joi.number().unsafe().integer().min(0).default(0),
      expected: 'an integer, 0 or more',
      description: `the number of ${what} to skip: \`next_offset\` of the previous page`,
    }),
    nresults: field<number>({
      schema: Joi.number().unsafe().integer().default(0),
      expected: 'an integer',
      description: `the maximum number of ${what} to return; 0 or less returns as many as fit`,
    }),
  };
}

/** Returns the message for an argument that a tool doesn't have. */
export function unknownArgument(tool: string, fields: Fields): (name: string) => string {
  const names = Object.keys(fields).join(', ');
  return (name) => `${renderValue(name)} is not an argument of the tool "${tool}". Arguments: ${names}`;
}

/** Throws `invalid_request`, as the API does. */
export function parseArguments<Table extends Fields>(tool: string, fields: Table, input: object): FieldValues<Table> {
  return parseRequestFields(fields, input, { convert: false, unknown: unknownArgument(tool, fields) });
}

/**
 * The JSON Schema of a tool's arguments. It has no patterns, which not every client can read, and no
 * conditions between fields, which model APIs reject: the server checks both.
 */
export function inputSchemaOf(fields: Fields): JsonSchema & { type: 'object' } {
  const properties = Object.fromEntries(
    Object.entries(fields).map(([name, definition]) => [name, propertySchema(definition)]),
  );
  const required = Object.entries(fields).filter(([, field]) => defaultOf(field) === 'required');
  return {
    type: 'object',
    properties,
    ...(required.length > 0 && { required: required.map(([name]) => name) }),
    additionalProperties: false,
  };
}

/** Descriptions don't repeat what the schema says: models read all of it in every conversation. */
function propertySchema(definition: Field): JsonSchema {
  const { description: _, ...schema } = schemaOf(definition);
  return { ...(withoutPatterns(schema) as JsonSchema), description: definition.description };
}

function withoutPatterns(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPatterns);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([name, inner]) => name !== 'pattern' || typeof inner !== 'string');
  return Object.fromEntries(kept.map(([name, inner]) => [name, withoutPatterns(inner)]));
}

/**
 * Parses the arguments that a tool has in addition to those of its action. Returns the others, which
 * the action parses. Throws `invalid_request`.
 */
export function parseOwnArguments<Table extends Fields>(
  tool: string,
  fields: Table,
  input: object,
): { own: FieldValues<Table>; others: Record<string, unknown> } {
  const given = Object.entries(input);
  const isOwn = ([name]: [string, unknown]) => Object.hasOwn(fields, name);
  const own = parseArguments(tool, fields, Object.fromEntries(given.filter(isOwn)));
  return { own, others: Object.fromEntries(given.filter((argument) => !isOwn(argument))) };
}
