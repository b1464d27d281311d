// JSON Schemas (draft 2020-12), from which the schemas of requests and answers are made.
import type { Field } from '../../config/field-table.js';
import { simplifyUnion } from './simplify-union.js';

export type JsonSchema = Record<string, unknown>;

export const ref = (schema: string): JsonSchema => ({ $ref: `#/components/schemas/${schema}` });

/** Returns joi's own JSON Schema of a field, with a description. */
export function schemaOf({ schema, description, expected }: Field): JsonSchema {
  const standard = schema['~standard'] as unknown as JsonSchemaSource;
  const generated = simplifyUnion(standard.jsonSchema.input({ target: 'draft-2020-12' }));
  return { ...generated, description: `${description}; ${expected}` };
}

/** From https://standardschema.dev/json-schema: joi's types lack it. */
interface JsonSchemaSource {
  jsonSchema: { input: (options: { target: string }) => JsonSchema };
}

/** An object with exactly these properties, which are required unless they are listed as optional. */
export function object(properties: Record<string, JsonSchema>, optional: string[] = []): JsonSchema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: 'object', properties, required, additionalProperties: false };
}

export const count = { type: 'integer', minimum: 0 };
export const strings = { type: 'array', items: { type: 'string' } };
