// Variants of a search, to suggest those that find something.
import { ALL_DICTIONARIES } from '../../search/dictionary-selector.js';
import type { PageQuery } from './page-fields.js';

export interface Variant {
  /** Completes the sentence "Found when searching …". */
  label: string;
  /** The fields in which it differs from the query. */
  change: Partial<PageQuery>;
}

interface VariantRule {
  label: string;
  /** Returns `undefined` if the variant makes no sense for the query. */
  change: (query: PageQuery) => Partial<PageQuery> | undefined;
}

/** Each is a search of its own. */
export const MAX_VARIANTS = 6;

const LITERAL: Partial<PageQuery> = { syntax: 'literal', join_hyphens: false };

/** In the order in which they are suggested: the closest to the query first. */
const RULES: readonly VariantRule[] = [
  {
    label: 'ignoring case',
    change: ({ ignore_case }) => (ignore_case ? undefined : { ignore_case: true }),
  },
  {
    label: 'as a regular expression',
    change: ({ term = '', syntax }) =>
      syntax !== 'regex' && /[\\^$.*+?()[\]{}|]/.test(term) ? { syntax: 'regex', join_hyphens: false } : undefined,
  },
  {
    label: 'as exact text',
    change: ({ syntax }) => (syntax === 'word' || syntax === 'regex' ? LITERAL : undefined),
  },
  {
    label: 'across line ends',
    change: ({ term = '', syntax }) =>
      (syntax === 'literal' || syntax === 'word') && /\S\s+\S/.test(term)
        ? { syntax: 'phrase', unit: 'quote' }
        : undefined,
  },
  {
    label: 'ignoring accents',
    change: ({ ignore_marks }) => (ignore_marks ? undefined : { ignore_marks: true }),
  },
  {
    label: 'without the other conditions',
    change: ({ term, all_of, any_of, none_of, files }) => {
      const areGiven = [all_of, any_of, none_of, files].some((given) => given !== undefined);
      const none = { all_of: undefined, any_of: undefined, none_of: undefined, files: undefined };
      return term !== undefined && areGiven ? none : undefined;
    },
  },
  {
    label: 'in all texts',
    change: ({ dictionary }) => (dictionary === ALL_DICTIONARIES ? undefined : { dictionary: ALL_DICTIONARIES }),
  },
  {
    label: 'for the longest word alone',
    change: ({ term = '', syntax }) => {
      const words = term.trim().split(/\s+/);
      if (words.length < 2 || syntax === 'regex') return undefined;
      const longest = words.reduce((longest, word) => (word.length > longest.length ? word : longest));
      return { term: longest, ...LITERAL };
    },
  },
];

/** Returns the variants that make sense for a query, without those that exceed the maximum. */
export function variantsOf(query: PageQuery): Variant[] {
  return RULES.flatMap(({ label, change: changeOf }) => {
    const change = changeOf(query);
    return change === undefined ? [] : [{ label, change }];
  }).slice(0, MAX_VARIANTS);
}

/** Returns the variants combined with ignoring case, if the query doesn't ignore it. */
export function variantsIgnoringCase(query: PageQuery): Variant[] {
  if (query.ignore_case) return [];
  const ignoringCase = { ignore_case: true };
  return variantsOf({ ...query, ...ignoringCase }).map(({ label, change }) => ({
    label: `${label}, ignoring case`,
    change: { ...ignoringCase, ...change },
  }));
}
