// Variants of a search, to suggest one that finds something.
import { ALL_DICTIONARIES } from '../../search/dictionary-selector.js';
import type { PageQuery } from './page-fields.js';

export interface Variant {
  /** Completes the sentence "Found when searching …". */
  label: string;
  /** Returns what to change, or `undefined` if the variant makes no sense for the query. */
  change: (query: PageQuery) => Partial<PageQuery> | undefined;
}

/** In the order in which they are tried: the closest to the query first. */
export const variants: readonly Variant[] = [
  {
    label: 'ignoring case',
    change: ({ ignore_case }) => (ignore_case ? undefined : { ignore_case: true }),
  },
  {
    label: 'ignoring accents',
    change: ({ ignore_marks }) => (ignore_marks ? undefined : { ignore_marks: true }),
  },
  {
    label: 'as a regular expression',
    change: ({ term, syntax }) =>
      syntax !== 'regex' && /[\\^$.*+?()[\]{}|]/.test(term ?? '')
        ? { syntax: 'regex', join_hyphens: false }
        : undefined,
  },
  {
    label: 'as literal text',
    change: ({ syntax }) => (syntax === 'literal' ? undefined : { syntax: 'literal', join_hyphens: false }),
  },
  {
    label: 'across line ends',
    change: ({ term, syntax }) =>
      (syntax === 'literal' || syntax === 'word') && /\S\s+\S/.test(term ?? '')
        ? { syntax: 'phrase', unit: 'quote' }
        : undefined,
  },
  {
    label: 'without the further conditions',
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
    label: 'with the longest word alone',
    change: ({ term = '', syntax }) => {
      const words = term.trim().split(/\s+/);
      if (words.length < 2 || syntax === 'regex') return undefined;
      const longest = words.reduce((longest, word) => (word.length > longest.length ? word : longest));
      return { term: longest, syntax: 'literal', join_hyphens: false };
    },
  },
];
