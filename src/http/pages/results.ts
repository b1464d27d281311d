// Renders the results of a search, or of a random draw, on the search page.
import { type Fields, omitDefaults } from '../../config/field-table.js';
import type { Dispersion } from '../../search/dispersion.js';
import type { Summary, Truncation } from '../../search/engine.js';
import { curl } from '../api/curl.js';
import type { SearchValues } from '../api/search-queries.js';
import { renderPlot } from './dispersion-plot.js';
import type { Excerpt } from './excerpt.js';
import { type Html, html } from './html.js';
import { renderMs, renderNumber } from './numbers.js';
import { renderProblem } from './page.js';
import { searchUrl, textUrl } from './urls.js';

/** A search, or a draw from all entries, which has no term. */
export type PageQuery = Partial<Omit<SearchValues, 'order'>> &
  Pick<SearchValues, 'unit' | 'offset' | 'nresults' | 'order'>;

export interface Results extends Summary {
  query: PageQuery;
  /** The fields of the page, and of the API's action, for links and the curl command. */
  fields: { page: Fields; api: Fields };
  /** The name of the dictionary. */
  dictionary: string;
  entries: Excerpt[];
  /** `undefined` if it couldn't be computed in time. */
  dispersion?: Dispersion | undefined;
  /** The duration of the search; `undefined` omits it. */
  tookMs: number | undefined;
  /** The origin for the curl command: `http://127.0.0.1:3000`. */
  origin: string;
}

const NOUNS = { line: ['line', 'lines'], quote: ['quote', 'quotes'] } as const;

export function renderCount({ query, nrOfEntries, entries, dictionary, tookMs }: Results): Html {
  const [one, many] = NOUNS[query.unit];
  const took = tookMs === undefined ? '' : html` <span class="took">in ${renderMs(tookMs)}</span>`;
  const number = renderNumber(nrOfEntries);
  const noun = nrOfEntries === 1 ? one : many;
  if (query.term === undefined) {
    if (entries.length === 0) return html`Nothing to show: <b>${dictionary}</b> has ${number} ${noun}${took}`;
    const shown = entries.length === 1 ? 'One' : renderNumber(entries.length);
    return html`${shown} of ${number} ${noun} of <b>${dictionary}</b>${took}`;
  }
  if (nrOfEntries === 0)
    return html`No results: no ${one} of <b>${dictionary}</b> ${MATCH_VERBS[query.syntax ?? 'literal']} <b>${query.term}</b>${took}`;
  // Screen readers announce this, so it must differ on each page.
  const position = query.offset === 0 ? '' : html`, from ${renderNumber(query.offset + 1)} on`;
  return html`<b>${number}</b> ${noun} of <b>${dictionary}</b>${position}${took}`;
}

const MATCH_VERBS = { literal: 'contains', word: 'contains the word', regex: 'matches', phrase: 'contains the phrase' };

const TRUNCATION_NOTES: Record<Truncation, string> = {
  line_length: 'Some entries exceed the maximum length and were truncated.',
  dictionary_changed:
    'The dictionary changed during the search: these entries may be from before and after the change.',
  unreadable_folder: 'A subfolder is not readable.',
  distinct_texts: 'There are more different texts than can be counted: some are missing.',
};

export function renderResults(results: Results): Html {
  const { query, entries, truncated, dispersion, dictionary, nrOfEntries } = results;
  const isDrawn = query.term === undefined;
  return html`${truncated === undefined ? '' : renderProblem(TRUNCATION_NOTES[truncated])}
${nrOfEntries === 0 && !isDrawn ? renderSuggestions(results) : ''}
${nrOfEntries === 0 || isDrawn ? '' : renderPlot(dispersion, dictionary)}
<ol class="entries" start="${query.offset + 1}">${entries.map((entry) => renderEntry(entry, results))}</ol>
${renderPaging(results)}
${renderCurl(results)}`;
}

function renderEntry(entry: Excerpt, { dictionary, query }: Results): Html {
  const { file, line, before, after, offset } = entry;
  const isInFolder = file.startsWith(`${dictionary}/`);
  const location = isInFolder
    ? `${file.slice(dictionary.length + 1)}, line ${renderNumber(line)}`
    : `line ${renderNumber(line)}`;
  const context = (texts: string[]) =>
    texts.length === 0 ? '' : html`<span class="context">${texts.join('\n')}</span>`;
  const gap = (texts: string[]) => (texts.length === 0 ? '' : '\n');
  return html`<li>
<blockquote>${context(before)}${gap(before)}${renderMatched(entry)}${gap(after)}${context(after)}</blockquote>
<p class="location"><a href="${textUrl(file, line, query.unit === 'line' ? offset : 0)}">${location}</a> <button type="button" class="js-only" data-copies="quote">Copy</button></p>
</li>`;
}

function renderMatched({ text, matches }: Pick<Excerpt, 'text' | 'matches'>): Html {
  let position = 0;
  const parts = matches.map(([start, end]) => {
    const part = html`${text.slice(position, start)}<mark>${text.slice(start, end)}</mark>`;
    position = end;
    return part;
  });
  return html`<span class="text">${parts}${text.slice(position)}</span>`;
}

function renderPaging({ query, fields, nrOfEntries, entries }: Results): Html | string {
  const { offset, nresults } = query;
  if (query.term === undefined || (offset === 0 && entries.length >= nrOfEntries)) return '';
  const page = (newOffset: number, rel: string, text: string) =>
    html`<a rel="${rel}" href="${searchUrl(fields.page, { ...query, offset: newOffset })}">${text}</a>`;
  const last = offset + entries.length;
  const range = entries.length === 0 ? 'beyond the last' : `${renderNumber(offset + 1)} to ${renderNumber(last)}`;
  const remaining = Math.min(nresults, nrOfEntries - last);
  return html`<nav class="paging" aria-label="Paging">
${offset === 0 ? '' : page(Math.max(0, Math.min(offset, nrOfEntries) - nresults), 'prev', 'Previous')}
<span>${range} of ${renderNumber(nrOfEntries)}</span>
${remaining <= 0 ? '' : page(last, 'next', `Next ${remaining}`)}
</nav>`;
}

/** Suggests less strict searches. */
function renderSuggestions({ query, fields }: Results): Html | string {
  const suggestions: [text: string, change: Partial<SearchValues>][] = [];
  if (!query.ignore_case) suggestions.push(['ignore case', { ignore_case: true }]);
  if (query.syntax !== 'literal') suggestions.push(['search for the literal text', { syntax: 'literal' }]);
  if (suggestions.length === 0) return '';
  const links = suggestions.map(([text, change], index) => {
    const address = searchUrl(fields.page, { ...query, ...change, offset: 0 });
    return html`${index === 0 ? '' : ', or '}<a href="${address}">${text}</a>`;
  });
  return html`<p class="hint">You could ${links}.</p>`;
}

function renderCurl({ query, fields, origin }: Results): Html {
  const request = { action: query.term === undefined ? 'all' : 'search', ...omitDefaults(fields.api, query) };
  return html`<details class="curl"><summary>The same as a curl command</summary>
<pre tabindex="0"><code>${curl(request, origin)}</code></pre>
<p><button type="button" class="js-only" data-copies="curl">Copy</button></p>
</details>`;
}
