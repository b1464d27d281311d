// The search whose matches a text page marks: the query of the search page, in the address.
import type { Fields } from '../../config/field-table.js';
import { AppError } from '../../errors.js';
import type { Conditions } from '../../search/query.js';
import type { Actions } from '../api/actions.js';
import { assertCombination, termsOf, toConditions } from '../api/query-fields.js';
import { parseRequestFields } from '../request-fields.js';
import type { RequestContext } from '../request-state.js';
import { hasTerm, type SubmittedFields, searchPageFields, submittedFields } from './page-fields.js';

export interface TextSearch {
  /** The parameters of the search page, as submitted, with a dictionary. */
  parameters: [name: string, value: string][];
  /** The conditions, with the dictionary that was searched. `undefined` if they are invalid. */
  conditions?: Conditions;
  /** Why the conditions are invalid. */
  problem?: string;
  /** For the log. */
  terms?: string;
}

/** Returns the search of a request for a file, or `undefined` if the request has no term. */
export type ParseTextSearch = (ctx: RequestContext, file: string) => TextSearch | undefined;

type Values = Parameters<typeof toConditions>[0];

export function createTextSearchParser(actions: Actions): ParseTextSearch {
  const names = Object.keys(searchPageFields(actions));
  const { fields } = actions.count;

  return (ctx, file) => {
    const submitted = submittedFields(ctx);
    if (!hasTerm(submitted)) return undefined;
    const search: TextSearch = {
      parameters: parametersOf({ ...submitted, dictionary: submitted.dictionary ?? file }, ctx),
    };
    try {
      const values = parseRequestFields(fields as Fields, submitted, { convert: true }) as Values;
      const conditions = toConditions({ ...values, dictionary: values.dictionary ?? file }, fields);
      assertCombination(conditions);
      return { ...search, conditions, terms: termsOf(values).join(' ') };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return { ...search, problem: error.message };
    }
  };

  /** Returns the values as submitted: a list of terms may be the text of a field. */
  function parametersOf(fields: SubmittedFields, ctx: RequestContext): TextSearch['parameters'] {
    return Object.entries(fields)
      .filter(([name]) => names.includes(name))
      .flatMap(([name, value = '']) => {
        const values = [ctx.query[name] || value].flat().filter((each) => each !== '');
        return values.map((each): TextSearch['parameters'][number] => [name, each]);
      });
  }
}

/** Encodes the parameters for an address. */
export function toSearch({ parameters }: Pick<TextSearch, 'parameters'>): string {
  return String(new URLSearchParams(parameters));
}
