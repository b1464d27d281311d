// Reads the arguments of `grepd search`.
import { parseArgs } from 'node:util';
import { type Field, FieldError, parseFields } from '../../config/field-table.js';
import { OperatorError } from '../../errors.js';
import { optionOf } from '../setting-options.js';
import { fields, kindOf, searchOptions } from './search-options.js';

export interface SearchArguments {
  /** The fields of the request. */
  request: Record<string, unknown>;
  isCount: boolean;
  hasLineNumbers: boolean;
  /** Whether to print JSON; `undefined` if that depends on the output. */
  json: boolean | undefined;
  color: 'auto' | 'always' | 'never';
  url: string | undefined;
  keyFile: string | undefined;
}

type Values = Record<string, boolean | string | string[] | undefined>;

const COLORS = ['auto', 'always', 'never'] as const;

/** Throws an `OperatorError`, or an error of `parseArgs`. */
export function parseSearch(args: string[]): SearchArguments {
  const { values, positionals } = parse(args);
  const color = COLORS.find((name) => name === (values.color ?? 'auto'));
  if (color === undefined) {
    throw new OperatorError(`"--color" must be one of ${COLORS.join(', ')}, got ${JSON.stringify(values.color)}`);
  }
  const isCount = values.count === true;
  const request = { ...(isCount ? {} : { format: 'object' }), ...fieldsOf(values), ...termsOf(values, positionals) };
  return {
    request,
    isCount,
    hasLineNumbers: values['line-number'] !== false,
    json: values.json as boolean | undefined,
    color,
    url: values.url as string | undefined,
    keyFile: values['key-file'] as string | undefined,
  };
}

function parse(args: string[]): { values: Values; positionals: string[] } {
  const options = Object.entries(searchOptions).map(([option, { short, value }]) => {
    const field = Object.entries(fields).find(([name]) => optionOf(name) === option);
    const multiple = field !== undefined && kindOf(...field) === 'texts';
    return [option, { type: value === undefined ? 'boolean' : 'string', multiple, ...(short && { short }) }] as const;
  });
  const parsed = parseArgs({
    args: joinTerms(args),
    options: Object.fromEntries(options),
    allowPositionals: true,
    allowNegative: true,
  });
  // Only options with a value can be repeated, so no array contains a boolean.
  return { ...parsed, values: parsed.values as Values };
}

/** As with grep, what follows `-e` is a term even if it begins with a dash. */
export function joinTerms(args: string[]): string[] {
  const joined: string[] = [];
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] as string;
    const next = args[at + 1];
    if (arg === '--') return [...joined, ...args.slice(at)];
    if (next === undefined || (arg !== '-e' && arg !== '--term')) joined.push(arg);
    else {
      joined.push(`--term=${next}`);
      at += 1;
    }
  }
  return joined;
}

/** Several terms, like several `-e` of grep, match if one of them does. */
function termsOf({ term }: Values, positionals: string[]): object {
  const given = (term as string[] | undefined) ?? [];
  const [own, unexpected] = given.length > 0 ? [undefined, positionals[0]] : positionals;
  if (unexpected !== undefined) {
    throw new OperatorError(`Unexpected argument ${JSON.stringify(unexpected)}: name dictionaries with --dictionary.`);
  }
  if (own !== undefined) return { term: own };
  if (given.length <= 1) return given.length === 0 ? {} : { term: given[0] };
  return { any_of: given };
}

function fieldsOf(values: Values): object {
  const { term: _, ...own } = fields;
  const given = Object.entries(own).flatMap(([name, field]) => {
    const value = values[optionOf(name)];
    return value === undefined ? [] : [[name, value, field] as const];
  });
  const request = Object.fromEntries(given.map(([name, value]) => [name, value]));
  Object.assign(request, contextOf(values), syntaxOf(values));
  return { ...request, ...numbersOf(request) };
}

function contextOf({ context, 'n-before': before, 'n-after': after }: Values): object {
  return context === undefined ? {} : { n_before: before ?? context, n_after: after ?? context };
}

function syntaxOf(values: Values): object {
  const { 'word-regexp': word, 'extended-regexp': regex, 'fixed-strings': literal } = values;
  const given = [
    ...(values.syntax === undefined ? [] : ['--syntax']),
    ...(word ? ['-w'] : []),
    ...(regex ? ['-E'] : []),
    ...(literal && !word ? ['-F'] : []),
  ];
  if (given.length > 1) throw new OperatorError(`"${given[0]}" can't be combined with "${given[1]}".`);
  return given[0] === undefined || given[0] === '--syntax'
    ? {}
    : { syntax: word ? 'word' : regex ? 'regex' : 'literal' };
}

/** Converts and checks numbers. The service checks the rest, because its limits may differ. */
function numbersOf(request: Record<string, unknown>): object {
  const numbers = Object.entries(fields).filter(
    ([name, field]) => request[name] !== undefined && kindOf(name, field) === 'number',
  );
  const table: Record<string, Field> = Object.fromEntries(numbers);
  try {
    return parseFields(table, Object.fromEntries(numbers.map(([name]) => [name, request[name]])), { convert: true });
  } catch (error) {
    if (!(error instanceof FieldError)) throw error;
    throw new OperatorError(`${namesOfOptions(error.message)}.`, { cause: error });
  }
}

/** Replaces the names of fields by those of their options. */
export function namesOfOptions(message: string): string {
  return Object.keys(fields).reduce((text, name) => text.replaceAll(`"${name}"`, `"--${optionOf(name)}"`), message);
}
