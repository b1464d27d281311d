// Named values from outside: the fields of a request, the settings of the service. One table of fields gives
// the check, the message of a failed check, and the documentation.
import Joi from 'joi';
import { LRUCache } from 'lru-cache';

export interface Field {
  schema: Joi.Schema;
  /** What a value must be, in words that complete "must be …". */
  expected: string;
  /** What the value is for. */
  description: string;
  /** The default in words, where the schema computes it. */
  default?: string;
  /** Whether the value is not for everybody's eyes: no message shows it. */
  isSecret?: boolean;
}

export type Fields = Record<string, Field>;

export interface ReadOptions {
  /** Whether text is read as a number and so on, as it must be where every value comes as text. */
  convert: boolean;
  /** What is said of a name that the table does not have; without it such names are passed over. */
  unknown?: (name: string) => string;
}

/** What is wrong with a field, with and without the value that it has. */
interface Problem {
  text: string;
  withoutValue: string;
}

/** What was wrong, one sentence a field. */
export class FieldError extends Error {
  override readonly name = 'FieldError';
  readonly problems: string[];
  /** The message without the values that the fields have. */
  readonly withoutValues: string;

  constructor(problems: Problem[]) {
    super(problems.map(({ text }) => text).join('; '));
    this.problems = problems.map(({ text }) => text);
    this.withoutValues = problems.map(({ withoutValue }) => withoutValue).join('; ');
  }
}

/** Limits on problems reported and array elements checked, as a caller may send thousands. */
const MAX_PROBLEMS = 10;
const MAX_ELEMENTS = 100;

/**
 * Returns the values with defaults filled in. Throws a FieldError that names every invalid field
 * and the first few unknown ones. Bounds the input first, as Joi would check all of a large one.
 */
export function parseFields<Values>(fields: Fields, input: object, options: ReadOptions): Values {
  const names = Object.keys(input);
  const known = names.filter((name) => Object.hasOwn(fields, name));
  const given = Object.fromEntries(known.map((name) => [name, truncate((input as Record<string, unknown>)[name])]));
  const { schema, others } = shapeOf(fields, known);
  const { value, error } = schema.validate(given, { convert: options.convert, abortEarly: false });
  const problems: Problem[] = [];
  for (const { type, path, context } of onePerField(error)) {
    const name = String(path[0]);
    const { expected, isSecret } = fields[name] as Field;
    if (type === 'any.required') problems.push(withoutValue(`"${name}" is required: ${expected}`));
    else {
      const got = isSecret ? 'something else, which is not shown' : show(context?.value);
      const sentence = `"${name}" must be ${expected}`;
      problems.push({ text: `${sentence}, got ${got}`, withoutValue: sentence });
    }
  }
  if (options.unknown !== undefined)
    problems.push(...unknownProblems(fields, names, options.unknown).map(withoutValue));
  if (problems.length > 0) throw new FieldError(problems);
  return { ...others, ...value };
}

function withoutValue(text: string): Problem {
  return { text, withoutValue: text };
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

/** What is to be checked where certain fields are given: joi takes as long for one that is not given as for one that is. */
interface Shape {
  schema: Joi.ObjectSchema;
  /** The fields that need no check: they are not given, and have these defaults. */
  others: object;
}

/** Building a schema takes ten times as long as checking by it. Most callers give the same few fields. */
const MAX_SHAPES = 100;
const shapes = new WeakMap<Fields, LRUCache<string, Shape>>();

function shapeOf(fields: Fields, given: string[]): Shape {
  const known = shapes.get(fields) ?? new LRUCache({ max: MAX_SHAPES });
  shapes.set(fields, known);
  const names = Object.keys(fields).filter((name) => given.includes(name));
  const key = names.join();
  const shape = known.get(key);
  if (shape !== undefined) return shape;
  const created = createShape(fields, names);
  known.set(key, created);
  return created;
}

function createShape(fields: Fields, given: string[]): Shape {
  const all = Object.entries(fields).map(([name, { schema, default: text }]) => ({
    name,
    schema,
    isComputed: text !== undefined,
    // An error: it is required, or can't be computed without others.
    ...schema.validate(undefined),
  }));
  // What is computed may depend on any other.
  const areAllChecked = all.some(({ isComputed, value, error }) => isComputed && (value ?? error) !== undefined);
  const checked: [string, Joi.Schema][] = [];
  const others: [string, unknown][] = [];
  for (const { name, schema, value, error } of all) {
    if (areAllChecked || given.includes(name) || error !== undefined) checked.push([name, schema]);
    else if (value !== undefined) others.push([name, value]);
  }
  return { schema: Joi.object(Object.fromEntries(checked)), others: Object.fromEntries(others) };
}

/** What a field is when nothing is given: a value, `required`, or `none`. */
export function defaultOf(field: Field): string {
  if (field.default !== undefined) return field.default;
  const { flags = {} } = field.schema.describe() as { flags?: { default?: unknown; presence?: string } };
  if (flags.presence === 'required') return 'required';
  return flags.default === undefined ? 'none' : `\`${flags.default}\``;
}

/** The values of these fields that are not what they would be anyway, in the order of the fields. */
export function withoutDefaults(fields: Fields, values: object): object {
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

const SHOWN_LENGTH = 60;

/** A value as it stands in a message: JSON, cut to a length that a line of a log can bear. */
export function show(value: unknown): string {
  if (typeof value === 'number') return String(value);
  const text = toJson(value);
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
}

function toJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'nothing';
  } catch {
    // JSON.parse reads deeper nesting than JSON.stringify writes.
    return Array.isArray(value) ? '[…]' : '{…}';
  }
}
