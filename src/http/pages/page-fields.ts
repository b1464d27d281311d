// The query parameters of the search page. Each view has those of its action in the API, except
// that the page decides the format itself.
import Joi from 'joi';
import { type Field, type Fields, field, omitDefaults, type TypedField } from '../../config/field-table.js';
import type { Actions } from '../api/actions.js';
import { fromSelector } from '../api/dictionary-field.js';
import { oneOf } from '../api/field-kinds.js';
import { TERM_FIELDS } from '../api/query-fields.js';
import { DEFAULT_WIDTH, type SearchValues } from '../api/search-queries.js';
import type { RequestContext } from '../request-state.js';
import { replaceShow, showField } from './show-field.js';
import { parseTermList } from './term-list.js';

/** The views of a search: the entries, each match in its line, the distinct matches, the files. */
export const VIEWS = ['list', 'kwic', 'frequencies', 'count'] as const;

export type ViewName = (typeof VIEWS)[number];

/** The fields that take several values, which the form shows in one text field. */
export const LIST_FIELDS = ['all_of', 'any_of', 'none_of', 'files'] as const;

/** The parameters of a request that aren't empty, as submitted. */
export type SubmittedFields = Readonly<Record<string, string | string[] | undefined>>;

/** The values of a view, or of a draw from all entries, which has no term. */
export type PageQuery = Partial<SearchValues> &
  Pick<SearchValues, 'unit' | 'offset' | 'nresults'> & {
    view?: ViewName;
    fold_case?: boolean;
    by?: 'left' | 'right' | undefined;
    distance?: number | undefined;
  };

const MAX_RESULTS_PER_PAGE = 100;
const ENTRIES_PER_PAGE = 20;
const ROWS_PER_PAGE = 50;
const FILES_PER_PAGE = 100;

export const viewField = oneOf(
  VIEWS,
  'what to show: the entries, a concordance, the frequencies of what matched, or the counts of each file',
);

export type PageFields = ReturnType<typeof createPageFields>;

export function createPageFields({ search, frequencies, count, all }: Actions) {
  const order = oneOf(['file', 'random'], 'the order of the entries; `random` draws them');
  return {
    list: {
      ...omit(search.fields, ['format', 'escape', 'width', 'width_unit']),
      order,
      nresults: pageSize(ENTRIES_PER_PAGE),
      view: viewField,
    },
    kwic: {
      ...omit(search.fields, ['format', 'escape', 'n_before', 'n_after', 'seed']),
      order: oneOf(
        ['file', 'left', 'match', 'right'],
        'the order of the matches: that of the files, of their words, or of the words beside them',
      ),
      width: withDefault(search.fields.width, DEFAULT_WIDTH),
      width_unit: withDefault(search.fields.width_unit, 'characters'),
      nresults: pageSize(ROWS_PER_PAGE),
      view: viewField,
    },
    frequencies: {
      ...omit(frequencies.fields, ['escape']),
      distance: withDefault(frequencies.fields.distance, 1),
      nresults: pageSize(ROWS_PER_PAGE),
      view: viewField,
    },
    count: {
      ...omit(count.fields, ['escape']),
      nresults: pageSize(FILES_PER_PAGE),
      offset: search.fields.offset,
      view: viewField,
    },
    draw: { ...omit(all.fields, ['format', 'escape']), order, nresults: pageSize(ENTRIES_PER_PAGE) },
  };
}

/** All parameters of the page, for the documentation. */
export function searchPageFields(actions: Actions): Fields {
  const { list, kwic, frequencies, count } = createPageFields(actions);
  const order = oneOf(
    ['file', 'random', 'left', 'match', 'right'],
    'the order of the entries; `random` draws them; `left`, `match` and `right` sort a concordance',
  );
  return {
    ...list,
    ...count,
    ...frequencies,
    ...kwic,
    n_before: list.n_before,
    nresults: list.nresults,
    order,
    show: showField,
  };
}

/**
 * Returns the parameters that aren't empty: a form submits the empty ones too. A repeated parameter
 * has one term in each value, as in the API; a single one is the text of a field.
 */
export function submittedFields(ctx: RequestContext): SubmittedFields {
  const fields: Record<string, string | string[] | undefined> = {};
  for (const [name, value = ''] of Object.entries(ctx.query)) {
    const isList = (LIST_FIELDS as readonly string[]).includes(name);
    const terms = typeof value === 'string' ? parseTermList(value) : value.filter((term) => term !== '');
    const submitted = isList ? terms : value;
    if (submitted.length > 0) fields[name] = submitted;
  }
  return replaceShow(fields);
}

export function hasTerm(submitted: SubmittedFields): boolean {
  return TERM_FIELDS.some((name) => submitted[name] !== undefined);
}

/** Returns the request of the API that a page shows, without fields that have their default. */
export function toApiRequest(fields: { page: Fields; api: Fields }, query: PageQuery, format?: string): object {
  const { nresults, dictionary } = query;
  const request = omitDefaults(fields.api, { ...omitDefaults(fields.page, query), nresults, format });
  return dictionary === undefined ? request : { ...request, dictionary: fromSelector(dictionary) };
}

function pageSize(byDefault: number): TypedField<number> {
  return field<number>({
    schema: Joi.number().integer().min(1).max(MAX_RESULTS_PER_PAGE).default(byDefault),
    expected: `an integer from 1 to ${MAX_RESULTS_PER_PAGE}`,
    description: 'the number of results on a page',
  });
}

/** Gives a field a default, so that links omit it. */
function withDefault<Value extends string | number>(
  definition: TypedField<Value | undefined>,
  value: Value,
): TypedField<Value> {
  const { default: _, ...rest }: Field = definition;
  return field<Value>({ ...rest, schema: definition.schema.default(value) });
}

function omit<Table extends object, Name extends keyof Table>(table: Table, names: readonly Name[]): Omit<Table, Name> {
  const entries = Object.entries(table).filter(([name]) => !(names as readonly PropertyKey[]).includes(name));
  return Object.fromEntries(entries) as Omit<Table, Name>;
}
