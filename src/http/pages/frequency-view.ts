// The frequencies view: the distinct texts that matched, or the words beside them.
import type { Fields } from '../../config/field-table.js';
import type { Summary } from '../../search/engine.js';
import type { Frequency } from '../../search/query.js';
import { renderBar } from './bar.js';
import { type Html, html } from './html.js';
import { renderNumber } from './numbers.js';
import { renderPaging, renderPosition } from './paging.js';
import { searchUrl } from './urls.js';
import { nameOfSource, shorten, type ViewContext } from './view-context.js';

export interface FrequencyResults extends ViewContext, Summary {
  view: 'frequencies';
  frequencies: Frequency[];
  /** The fields of the list view, for links to the occurrences. */
  listFields: Fields;
}

/** In UTF-16 code units. */
const MAX_TEXT_LENGTH = 200;

export function renderFrequencyCount(results: FrequencyResults): Html {
  const { query, nrOfEntries, dictionary } = results;
  const [one, many] = query.by === undefined ? ['match', 'matches'] : ['word', 'words'];
  const beside = query.by === undefined ? '' : ` to the ${query.by} of the matches`;
  const noun = nrOfEntries === 1 ? one : many;
  return html`<b>${renderNumber(nrOfEntries)}</b> distinct ${noun}${beside} in <b dir="auto">${nameOfSource(dictionary)}</b>${renderPosition(results)}`;
}

export function renderFrequencies(results: FrequencyResults): Html {
  const { query, frequencies, nrOfEntries } = results;
  if (frequencies.length === 0) return html`${renderPaging(results, 0, nrOfEntries)}`;
  const max = Math.max(...frequencies.map(({ count }) => count));
  const hasLikelihood = query.by !== undefined;
  const likelihoodHead = html`<th scope="col" class="number"><abbr title="the log-likelihood ratio of the frequency here to that in the whole text: 3.84 is significant at 5 %, 10.83 at 0.1 %">Log-likelihood</abbr></th>`;
  return html`<table class="data bars">
<thead><tr><th scope="col">${query.by === undefined ? 'Match' : 'Word'}</th><th scope="col" class="number">Count</th>${hasLikelihood ? likelihoodHead : ''}<td></td></tr></thead>
<tbody>
${frequencies.map((frequency) => renderRow(frequency, results, max, hasLikelihood))}</tbody>
</table>
${renderPaging(results, frequencies.length, nrOfEntries)}`;
}

function renderRow(
  { text, count, log_likelihood = 0 }: Frequency,
  results: FrequencyResults,
  max: number,
  hasLikelihood: boolean,
): Html {
  return html`<tr><th scope="row">${renderText(text, results)}</th><td class="number">${renderNumber(count)}</td>${hasLikelihood ? html`<td class="number">${log_likelihood.toFixed(1)}</td>` : ''}<td>${renderBar(count, max)}</td></tr>
`;
}

/** Links to the occurrences of a text, unless it can't be a term. */
function renderText(text: string, { query, dictionary, listFields }: FrequencyResults): Html {
  const shown = html`<span class="text" dir="auto">${shorten(text, MAX_TEXT_LENGTH)}</span>`;
  const isPhrase = query.by === undefined && query.syntax === 'phrase';
  const term = isPhrase ? text.replace(/\s+/g, ' ') : text;
  if (listFields.term?.schema.validate(term).error !== undefined) return shown;
  const isWord = query.by !== undefined || query.syntax === 'word';
  const { unit, files, join_hyphens, ignore_marks } = query;
  const search = {
    ...{ term, dictionary, unit, files, ignore_marks },
    join_hyphens: isPhrase && join_hyphens,
    syntax: isPhrase ? 'phrase' : isWord ? 'word' : 'literal',
    ignore_case: query.fold_case === true,
  };
  return html`<a href="${searchUrl(listFields, search)}">${shown}</a>`;
}
