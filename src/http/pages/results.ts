// Renders the results of a search, or of a random draw, on the search page.
import type { Truncation } from '../../search/engine.js';
import { curl } from '../api/curl.js';
import { termsOf } from '../api/query-fields.js';
import { type ConcordanceResults, renderConcordance, renderConcordanceCount } from './concordance-view.js';
import { type CountResults, renderCounts, renderCountsCount } from './count-view.js';
import { renderDownloads } from './downloads.js';
import { type EncodingWarning, renderEncodingWarnings } from './encoding-warning.js';
import { type FrequencyResults, renderFrequencies, renderFrequencyCount } from './frequency-view.js';
import { type Html, html } from './html.js';
import { type ListResults, renderList, renderListCount } from './list-view.js';
import { renderMs } from './numbers.js';
import { renderSuggestions } from './suggestions.js';
import type { Suggestion } from './try-variants.js';
import { entryNoun, isDraw, nameOfSource, type ViewContext } from './view-context.js';

export type Results = (ListResults | ConcordanceResults | FrequencyResults | CountResults) & {
  /** The duration of the search; `undefined` omits it. */
  tookMs: number | undefined;
  /** The variants that find something, if the search found nothing. */
  suggestions?: readonly Suggestion[];
  /** About the texts that were searched. */
  warnings?: readonly EncodingWarning[];
};

export function renderCount(results: Results): Html {
  const { query, nrOfEntries, tookMs } = results;
  const took = tookMs === undefined ? '' : html` <span class="took">in ${renderMs(tookMs)}</span>`;
  const count = nrOfEntries === 0 && !isDraw(query) ? renderNoResults(results) : renderCountOfView(results);
  return html`${count}${took}`;
}

function renderCountOfView(results: Results): Html {
  switch (results.view) {
    case 'list':
      return renderListCount(results);
    case 'kwic':
      return renderConcordanceCount(results);
    case 'frequencies':
      return renderFrequencyCount(results);
    case 'count':
      return renderCountsCount(results);
  }
}

const MATCH_VERBS = { literal: 'contains', word: 'contains the word', regex: 'matches', phrase: 'contains the phrase' };

function renderNoResults({ view, query, dictionary }: Results): Html {
  const { term, syntax = 'literal' } = query;
  // Entries may have empty matches, or no words beside them.
  if (view === 'kwic' || view === 'frequencies')
    return html`No results: no such matches in <b dir="auto">${nameOfSource(dictionary)}</b>`;
  const isAlone = term !== undefined && termsOf(query).length === 1;
  const condition = isAlone ? html`${MATCH_VERBS[syntax]} <b dir="auto">${term}</b>` : 'meets all conditions';
  return html`No results: no ${entryNoun(query, 1)} of <b dir="auto">${nameOfSource(dictionary)}</b> ${condition}`;
}

const TRUNCATION_NOTES: Record<Truncation, string> = {
  line_length: 'Some lines are longer than grepd reads them: occurrences beyond that are missing.',
  dictionary_changed:
    'The dictionary changed during the search: these entries may be from before and after the change.',
  unreadable_folder: 'A subfolder is not readable.',
  distinct_texts: 'There are more distinct texts than can be counted, so some are missing.',
};

/** Links to downloads, beside the count. */
export function renderExports(results: Results): Html | string {
  return results.nrOfEntries === 0 || isDraw(results.query) ? '' : renderDownloads(results);
}

export function renderResults(results: Results): Html {
  const { truncated, warnings } = results;
  return html`${renderEncodingWarnings(warnings)}${truncated === undefined ? '' : html`<p class="note" role="note">${TRUNCATION_NOTES[truncated]}</p>`}
${renderSuggestions(results, results.suggestions ?? [])}
${renderView(results)}
${renderCurl(results)}`;
}

function renderView(results: Results): Html {
  switch (results.view) {
    case 'list':
      return renderList(results);
    case 'kwic':
      return renderConcordance(results);
    case 'frequencies':
      return renderFrequencies(results);
    case 'count':
      return renderCounts(results);
  }
}

function renderCurl({ request, origin }: ViewContext): Html {
  return html`<details class="curl"><summary>The same as a curl command</summary>
<pre tabindex="0"><code>${curl(request, origin)}</code></pre>
<p><button type="button" class="js-only" data-copies="curl">Copy</button></p>
</details>`;
}
