// Shows why a search failed: beside the term if the term is invalid, with a correction to click.
import type { Fields } from '../../config/field-table.js';
import type { AppError } from '../../errors.js';
import { renderSuggestion, type Suggestion } from './error-page.js';
import { type Html, html } from './html.js';
import type { SubmittedFields } from './page-fields.js';
import { searchUrl } from './urls.js';

export interface SearchProblem {
  message: string;
  /** The invalid field. */
  field?: string | undefined;
  /** What the field may have meant, and the search for it. */
  correction?: { text: string; address: string } | undefined;
  /** The same search in a dictionary with a similar name, if the dictionary is unknown. */
  suggestion?: Suggestion | undefined;
}

/** @param fields the fields of the page */
export function toProblem(
  { message, invalidField }: AppError,
  submitted: SubmittedFields,
  fields: Fields,
): SearchProblem {
  if (invalidField === undefined) return { message };
  const { name, correction } = invalidField;
  if (correction === undefined) return { message, field: name };
  const { offset: _, ...kept } = submitted;
  const address = searchUrl(fields, { ...kept, ...replaceTerm(submitted, name, correction) });
  return { message, field: name, correction: { text: correction, address } };
}

/** @param name as in InvalidField */
function replaceTerm(submitted: SubmittedFields, name: string, term: string): SubmittedFields {
  const [, array = '', index] = /^(\w+)\[(\d+)\]$/.exec(name) ?? [];
  if (index === undefined) return { [name]: term };
  return { [array]: [submitted[array] ?? []].flat().with(Number(index), term) };
}

/** Whether to show a problem beside the term. */
export function isAboutTerm(problem: SearchProblem | undefined): problem is SearchProblem {
  return problem?.field === 'term';
}

/** Makes the correction in the message a link. Screen readers announce the message. */
export function renderSearchProblem({ message, correction, suggestion }: SearchProblem): Html {
  return html`<p class="problem" role="alert">${correction === undefined ? message : linkCorrection(message, correction)}${suggestion === undefined ? '' : renderSuggestion(suggestion)}</p>`;
}

function linkCorrection(message: string, { text, address }: NonNullable<SearchProblem['correction']>): Html {
  const link = html`<a href="${address}"><code>${text}</code></a>`;
  const sentence = ` Try "${text}".`;
  // Messages omit a long correction.
  const explanation = message.endsWith(sentence) ? message.slice(0, -sentence.length) : message;
  return html`${explanation} Try ${link}.`;
}
