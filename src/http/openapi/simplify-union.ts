// Unions of joi alternatives, as people and generated clients want to see them.
import { isDeepStrictEqual } from 'node:util';
import type { JsonSchema } from './schemas.js';

/** Flattens nested unions, and removes alternatives whose values another one includes. */
export function simplifyUnion(schema: JsonSchema): JsonSchema {
  const { anyOf, ...rest } = schema;
  if (!Array.isArray(anyOf)) return schema;
  const all = (anyOf as JsonSchema[]).map(simplifyUnion).flatMap(alternativesOf);
  const kept = all.filter((schema, at) => {
    const others = all.filter((other, index) => index < at || (index > at && !isDeepStrictEqual(other, schema)));
    return !others.some((other) => includes(other, schema));
  });
  return kept.length === 1 ? { ...kept[0], ...rest } : { ...rest, anyOf: kept };
}

/** A union with further keywords stays one alternative. */
function alternativesOf(schema: JsonSchema): JsonSchema[] {
  return Array.isArray(schema.anyOf) && Object.keys(schema).length === 1 ? schema.anyOf : [schema];
}

function includes(schema: JsonSchema, other: JsonSchema): boolean {
  const { enum: values, ...rest } = schema;
  const { enum: otherValues, ...otherRest } = other;
  if (!Array.isArray(values) || !Array.isArray(otherValues)) return isDeepStrictEqual(schema, other);
  return isDeepStrictEqual(rest, otherRest) && otherValues.every((value) => values.includes(value));
}
