// The schemas of requests: one for each action and, if it has a format, one for each format.
// A format decides the type of the results, so generated clients can tell the answers apart.
import { isDeepStrictEqual } from 'node:util';
import { defaultOf, type Field } from '../../config/field-table.js';
import type { Action, Actions } from '../api/actions.js';
import { answerName, formatsOf, kindOf } from './answer-kinds.js';
import { type JsonSchema, ref, schemaOf } from './schemas.js';

/** Returns the schemas of all requests and of their fields, by name. */
export function requestSchemas(actions: Actions): Record<string, JsonSchema> {
  const fieldSchemas = sharedFieldSchemas(actions);
  const all = Object.entries<Action>(actions).flatMap(([name, action]) => actionSchemas(name, action, fieldSchemas));
  return { ...Object.fromEntries(all), ...Object.fromEntries(fieldSchemas) };
}

/** `searchKwic` */
function nameOfFormat(action: string, format: string): string {
  return action + format.replace(/^./, (letter) => letter.toUpperCase());
}

function actionSchemas(name: string, action: Action, fieldSchemas: FieldSchemas): [string, JsonSchema][] {
  const formats = formatsOf(action);
  if (formats.length === 0) return [[name, requestSchema(name, action, fieldSchemas)]];
  const variants = formats.map((format): [string, JsonSchema] => {
    return [nameOfFormat(name, format), requestSchema(name, action, fieldSchemas, format)];
  });
  return [[name, { description: action.summary, oneOf: variants.map(([variant]) => ref(variant)) }], ...variants];
}

function requestSchema(name: string, action: Action, fieldSchemas: FieldSchemas, format?: string): JsonSchema {
  const { summary, fields, atLeastOneOf } = action;
  const all = Object.entries(fields);
  const required = all.filter(([, field]) => defaultOf(field) === 'required').map(([field]) => field);
  const properties = all.map(([field, definition]): [string, JsonSchema] => {
    const { description, ...schema } = schemaOf(definition);
    if (field === 'format') return [field, { type: schema.type, const: format, description }];
    return [field, { ...ref(nameOfField(name, field, definition, fieldSchemas)), description }];
  });
  const isDefault = format === undefined || format === formatsOf(action)[0];
  return {
    type: 'object',
    description: `${summary} Answer: \`${answerName(kindOf(name, action, format))}\`.`,
    properties: {
      action: { type: 'string', const: name, description: 'what to do' },
      ...Object.fromEntries(properties),
    },
    required: ['action', ...required, ...(isDefault ? [] : ['format'])],
    additionalProperties: false,
    ...(atLeastOneOf && { allOf: [{ anyOf: atLeastOneOf.map(requires) }] }),
  };
}

/**
 * openapi-typescript needs the property, and an `allOf` around the alternatives: it would make a
 * union of an object with a bare `anyOf`.
 */
function requires(field: string): JsonSchema {
  return { type: 'object', properties: { [field]: {} }, required: [field] };
}

type FieldSchemas = Map<string, JsonSchema>;

/**
 * Returns the schema of each field. Requests refer to them: generated clients would otherwise
 * require a field that has a default (openapi-typescript does so in everything but parameters).
 */
function sharedFieldSchemas(actions: Actions): FieldSchemas {
  const schemas: FieldSchemas = new Map();
  for (const [action, { fields }] of Object.entries<Action>(actions)) {
    for (const [name, field] of Object.entries(fields)) {
      if (name !== 'format') schemas.set(nameOfField(action, name, field, schemas), withoutDescription(field));
    }
  }
  return schemas;
}

/** `field.order`, or `field.all.order` if the field of an earlier action differs. */
function nameOfField(action: string, name: string, field: Field, schemas: FieldSchemas): string {
  const shared = schemas.get(`field.${name}`);
  const isShared = shared === undefined || isDeepStrictEqual(shared, withoutDescription(field));
  return isShared ? `field.${name}` : `field.${action}.${name}`;
}

function withoutDescription(field: Field): JsonSchema {
  const { description: _, ...schema } = schemaOf(field);
  return schema;
}
