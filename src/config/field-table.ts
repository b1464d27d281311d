// Tables of named values: the fields of a request, the settings of the service. One table provides
// the types, the checks, the messages of failed checks, and the documentation.
import Joi from 'joi';
import { LRUCache } from 'lru-cache';

export interface Field {
  schema: Joi.Schema;
  /** Completes the sentence "must be …". */
  expected: string;
  /** What the value is for. */
  description: string;
  /** Describes the default if the schema computes it. */
  default?: string;
  /** Whether messages hide the value. */
  isSecret?: boolean;
  /** Whether the value is a path of this machine. */
  isPath?: boolean;
}

export type Fields = Record<string, Field>;

declare const VALUE: unique symbol;

/** A field whose checked value has a known type. The symbol exists in types only. */
export interface TypedField<Value> extends Field {
  readonly [VALUE]?: Value;
}

/** Gives a field the type that its schema checks. With `undefined` in it, the value is optional. */
export function field<Value>(definition: Field): TypedField<Value> {
  return definition;
}

type ValueOf<Item> = Item extends TypedField<infer Value> ? Value : unknown;

type OptionalNames<Table> = {
  [Name in keyof Table]: undefined extends ValueOf<Table[Name]> ? Name : never;
}[keyof Table];

/** The checked values of a table. */
export type FieldValues<Table extends Fields> = {
  [Name in Exclude<keyof Table, OptionalNames<Table>>]: ValueOf<Table[Name]>;
} & { [Name in OptionalNames<Table>]?: ValueOf<Table[Name]> };

export interface ReadOptions {
  /** Whether to convert text to numbers and so on, as in an environment or a query. */
  convert: boolean;
  /** Returns the message for a name that the table lacks. Without it, such names are ignored. */
  unknown?: (name: string) => string;
}

/** The message for an invalid field, with and without its value. */
interface Problem {
  text: string;
  redactedText: string;
}

/** Lists invalid fields, with one sentence for each. */
export class FieldError extends Error {
  override readonly name = 'FieldError';
  readonly problems: string[];
  /** The message without the values of the fields. */
  readonly redactedMessage: string;

  constructor(problems: Problem[]) {
    super(problems.map(({ text }) => text).join('; '));
    this.problems = problems.map(({ text }) => text);
    this.redactedMessage = problems.map(({ redactedText }) => redactedText).join('; ');
  }
}

/** A caller may send thousands of fields or elements, so limit what is checked and reported. */
const MAX_PROBLEMS = 10;
/** More than any field accepts. */
const MAX_ELEMENTS = 1_001;

/**
 * Returns the values with defaults filled in. Throws a `FieldError` that names every invalid field
 * and the first few unknown ones. Truncates a large input first: joi would check all of it.
 */
export function parseFields<Table extends Fields>(
  fields: Table,
  input: object,
  options: ReadOptions,
): FieldValues<Table> {
  const names = Object.keys(input);
  const known = names.filter((name) => Object.hasOwn(fields, name));
  const values = Object.fromEntries(known.map((name) => [name, truncate((input as Record<string, unknown>)[name])]));
  const { schema, defaults } = shapeOf(fields, known);
  const { value, error } = schema.validate(values, { convert: options.convert, abortEarly: false });
  const problems: Problem[] = [];
  for (const { type, path, context } of onePerField(error)) {
    const name = String(path[0]);
    const { expected, isSecret } = fields[name] as Field;
    if (type === 'any.required' && path.length === 1) {
      problems.push(withoutValue(`"${name}" is required: ${expected}`));
    } else {
      // Within an element that is an object, the whole element tells more.
      const invalid = path.length > 2 ? elementAt(values[name], path[1]) : context?.value;
      const got = isSecret ? 'a value that is not shown' : renderValue(invalid);
      const sentence = `"${name}" must be ${expected}`;
      const reason = context?.reason === undefined ? '' : ` (${context.reason})`;
      problems.push({ text: `${sentence}, got ${got}${reason}`, redactedText: sentence });
    }
  }
  if (options.unknown !== undefined)
    problems.push(...unknownProblems(fields, names, options.unknown).map(withoutValue));
  if (problems.length > 0) throw new FieldError(problems);
  return { ...defaults, ...value };
}

function elementAt(value: unknown, index: string | number | undefined): unknown {
  return (value as Record<string, unknown>)[String(index)];
}

function withoutValue(text: string): Problem {
  return { text, redactedText: text };
}

function unknownProblems(fields: Fields, names: string[], describe: (name: string) => string): string[] {
  const unknown = names.filter((name) => !Object.hasOwn(fields, name));
  const more = unknown.length - MAX_PROBLEMS;
  const problems = unknown.slice(0, MAX_PROBLEMS).map((name) => describe(name));
  return more > 0 ? [...problems, `there are ${more} more unknown fields`] : problems;
}

/** Shortens a huge array to a length that is still invalid for every field. */
function truncate(value: unknown): unknown {
  return Array.isArray(value) && value.length > MAX_ELEMENTS ? value.slice(0, MAX_ELEMENTS) : value;
}

/** Returns the first problem of each field. */
function onePerField(error: Joi.ValidationError | undefined): Joi.ValidationErrorItem[] {
  const byName = new Map<string, Joi.ValidationErrorItem>();
  for (const detail of error?.details ?? []) {
    const name = String(detail.path[0]);
    if (!byName.has(name)) byName.set(name, detail);
  }
  return [...byName.values()];
}

/**
 * Checks inputs with a certain set of fields. It leaves out the absent fields, because joi takes as
 * long to check them as the present ones.
 */
interface Shape {
  schema: Joi.ObjectSchema;
  /** The defaults of absent fields, which need no check. */
  defaults: object;
}

/**
 * Building a schema takes ten times as long as using it, and most callers send the same few fields.
 */
const MAX_SHAPES = 100;
const shapes = new WeakMap<Fields, LRUCache<string, Shape>>();

function shapeOf(fields: Fields, present: string[]): Shape {
  const cache = shapes.get(fields) ?? new LRUCache({ max: MAX_SHAPES });
  shapes.set(fields, cache);
  const names = Object.keys(fields).filter((name) => present.includes(name));
  const key = names.join();
  const shape = cache.get(key);
  if (shape !== undefined) return shape;
  const created = createShape(fields, names);
  cache.set(key, created);
  return created;
}

function createShape(fields: Fields, present: string[]): Shape {
  const all = Object.entries(fields).map(([name, { schema, default: text }]) => ({
    name,
    schema,
    isComputed: text !== undefined,
    // Fails if the field is required, or its default depends on other fields.
    ...schema.validate(undefined),
  }));
  // A computed default may depend on any field.
  const mustCheckAll = all.some(({ isComputed, value, error }) => isComputed && (value ?? error) !== undefined);
  const checked: [string, Joi.Schema][] = [];
  const defaults: [string, unknown][] = [];
  for (const { name, schema, value, error } of all) {
    if (mustCheckAll || present.includes(name) || error !== undefined) checked.push([name, schema]);
    else if (value !== undefined) defaults.push([name, value]);
  }
  return { schema: Joi.object(Object.fromEntries(checked)), defaults: Object.fromEntries(defaults) };
}

/** Returns the default of a field as text: a value, `required`, or `none`. */
export function defaultOf(field: Field): string {
  if (field.default !== undefined) return field.default;
  const { flags = {} } = field.schema.describe() as { flags?: { default?: unknown; presence?: string } };
  if (flags.presence === 'required') return 'required';
  return flags.default === undefined ? 'none' : `\`${flags.default}\``;
}

/** Returns the values that differ from the defaults, in the order of the table. */
export function omitDefaults(fields: Fields, values: object): object {
  const all = Object.entries(fields).map(([name, { schema }]) => {
    const value = (values as Record<string, unknown>)[name];
    return { name, value, byDefault: schema.validate(undefined).value };
  });
  return Object.fromEntries(
    all
      .filter(({ value, byDefault }) => value !== undefined && value !== byDefault)
      .map(({ name, value }) => [name, value]),
  );
}

const MAX_SHOWN_LENGTH = 60;

/** Renders a value for a message: as JSON, truncated to suit a log line. */
export function renderValue(value: unknown): string {
  if (typeof value === 'number') return String(value);
  const text = toJson(value);
  return text.length > MAX_SHOWN_LENGTH ? `${text.slice(0, MAX_SHOWN_LENGTH)}…` : text;
}

function toJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'nothing';
  } catch {
    // JSON.parse reads deeper nesting than JSON.stringify writes.
    return Array.isArray(value) ? '[…]' : '{…}';
  }
}
