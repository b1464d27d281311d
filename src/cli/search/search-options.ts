// The options of `grepd search`: the fields of the action, and grep's letters for them.
import type { Field, Fields } from '../../config/field-table.js';
import { defaultOf } from '../../config/field-table.js';
import { defaultActions } from '../../http/api/actions.js';
import type { CommandOption } from '../command-option.js';
import { optionOf } from '../setting-options.js';

/** `escape` is for pages. */
const { escape: _, ...searchFields } = defaultActions.search.fields;

export const fields: Fields = searchFields;

export const DEFAULT_URL = 'http://127.0.0.1:3000';

/** grep's letters that mean the same here. */
const SHORT: Record<string, string> = { term: 'e', ignore_case: 'i', n_after: 'A', n_before: 'B', nresults: 'm' };

export type OptionKind = 'flag' | 'number' | 'text' | 'texts';

export function kindOf(name: string, { schema }: Field): OptionKind {
  if (schema.type === 'boolean') return 'flag';
  if (schema.type === 'number') return 'number';
  // Several terms are `any_of`, as with grep.
  return schema.type === 'string' && name !== 'term' ? 'text' : 'texts';
}

const VALUES: Record<Exclude<OptionKind, 'flag'>, string> = { number: 'N', text: 'VALUE', texts: 'VALUE' };

function toOption([name, field]: [string, Field]): [string, CommandOption] {
  const kind = kindOf(name, field);
  const short = SHORT[name] === undefined ? {} : { short: SHORT[name] };
  if (kind === 'flag') return [optionOf(name), { ...short, description: field.description }];
  return [optionOf(name), { ...short, value: VALUES[kind], description: describe(name, field, kind) }];
}

function describe(name: string, field: Field, kind: OptionKind): string {
  if (name === 'term') {
    return 'the text or pattern to search for, like the argument TERM; if repeated, entries match any of the terms';
  }
  // Strings lack the file and the line, so the default of the format differs from that of the API.
  const byDefault = name === 'format' ? 'object' : defaultOf(field);
  if (kind === 'texts') return `${field.description} (default: ${byDefault}); can be repeated`;
  return `${field.description}: ${field.expected} (default: ${byDefault})`;
}

export const searchOptions: Record<string, CommandOption> = {
  ...Object.fromEntries(Object.entries(fields).map(toOption)),
  'word-regexp': { short: 'w', description: 'the same as --syntax word' },
  'extended-regexp': { short: 'E', description: 'the same as --syntax regex' },
  'fixed-strings': { short: 'F', description: 'the same as --syntax literal, the default' },
  context: { short: 'C', value: 'N', description: 'the same as --n-before N --n-after N' },
  count: { short: 'c', description: 'prints the number of matching entries of each file that has matches' },
  'line-number': { short: 'n', description: 'prints line numbers (the default); --no-line-number omits them' },
  json: {
    description:
      'prints each entry as a line of JSON (the default unless standard output is a terminal); --no-json prints text',
  },
  color: { value: 'WHEN', description: 'colors the text: `auto` (on a terminal, the default), `always` or `never`' },
  url: { value: 'URL', description: `where the service is (default: GREPD_URL, or \`${DEFAULT_URL}\`)` },
  'key-file': { value: 'FILE', description: 'a file that contains the API key (default: the key in GREPD_API_KEY)' },
};
