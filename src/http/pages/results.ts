// What a search has found, as a page shows it.
import { type Fields, withoutDefaults } from '../../config/field-table.js';
import type { Dispersion } from '../../search/dispersion.js';
import type { SearchQuery, Summary, Truncation } from '../../search/engine.js';
import { curl } from '../api/curl.js';
import { searchAddress, textAddress } from './addresses.js';
import { renderPlot } from './dispersion-plot.js';
import type { Excerpt } from './excerpt.js';
import { type Html, html } from './html.js';
import { renderMs, renderNumber } from './numbers.js';
import { renderProblem } from './page.js';

/** A search, or a draw from all entries, which has no term. */
export type ParsedRequest = Partial<SearchQuery> & Pick<SearchQuery, 'unit' | 'offset' | 'nresults' | 'order'>;

export interface Found extends Summary {
  /** By this they can be asked for again. */
  query: ParsedRequest;
  /** What the page can be asked for, and what the API's action can. */
  fields: { page: Fields; api: Fields };
  /** The name of the dictionary. */
  dictionary: string;
  entries: Excerpt[];
  /** Nothing where it could not be found out. */
  dispersion?: Dispersion | undefined;
  /** How long it took to find them. Without it nothing is said of it. */
  tookMs: number | undefined;
  /** Where the service was reached, as in `http://127.0.0.1:3000`. */
  origin: string;
}

const NOUNS = { line: ['line', 'lines'], quote: ['quote', 'quotes'] } as const;

export function renderCount({ query, nrOfEntries, entries, dictionary, tookMs }: Found): Html {
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
    return html`Nothing found: no ${one} of <b>${dictionary}</b> ${HOW[query.syntax ?? 'literal']} <b>${query.term}</b>${took}`;
  // Who can't see the page is told by this that it is another one.
  const place = query.offset === 0 ? '' : html`, from ${renderNumber(query.offset + 1)} on`;
  return html`<b>${number}</b> ${noun} of <b>${dictionary}</b>${place}${took}`;
}

const HOW = { literal: 'holds', word: 'holds the word', regex: 'matches' };

const WHY_TRUNCATED: Record<Truncation, string> = {
  line_length: 'Some entries are longer than they may be, and were cut.',
  dictionary_changed: 'The dictionary was changed while it was searched: these entries may be from before and after.',
  unreadable_folder: 'A folder within may not be read.',
};

export function renderFound(found: Found): Html {
  const { query, entries, truncated, dispersion, dictionary } = found;
  const isDrawn = query.term === undefined;
  return html`${truncated === undefined ? '' : renderProblem(WHY_TRUNCATED[truncated])}
${found.nrOfEntries === 0 && !isDrawn ? renderSuggestions(found) : ''}
${found.nrOfEntries === 0 || isDrawn ? '' : renderPlot(dispersion, dictionary)}
<ol class="entries" start="${query.offset + 1}">${entries.map((entry) => renderEntry(entry, found))}</ol>
${renderPaging(found)}
${renderCurl(found)}`;
}

function renderEntry(entry: Excerpt, { dictionary, query }: Found): Html {
  const { file, line, before, after, at } = entry;
  const isWithin = file.startsWith(`${dictionary}/`);
  const place = isWithin
    ? `${file.slice(dictionary.length + 1)}, line ${renderNumber(line)}`
    : `line ${renderNumber(line)}`;
  const context = (texts: string[]) =>
    texts.length === 0 ? '' : html`<span class="context">${texts.join('\n')}</span>`;
  const gap = (texts: string[]) => (texts.length === 0 ? '' : '\n');
  return html`<li>
<blockquote>${context(before)}${gap(before)}${renderMatched(entry)}${gap(after)}${context(after)}</blockquote>
<p class="where"><a href="${textAddress(file, line, query.unit === 'line' ? at : 0)}">${place}</a> <button type="button" class="scripted" data-copies="quote">Copy</button></p>
</li>`;
}

function renderMatched({ text, matches }: Pick<Excerpt, 'text' | 'matches'>): Html {
  let end = 0;
  const parts = matches.map(([from, to]) => {
    const part = html`${text.slice(end, from)}<mark>${text.slice(from, to)}</mark>`;
    end = to;
    return part;
  });
  return html`<span class="text">${parts}${text.slice(end)}</span>`;
}

function renderPaging({ query, fields, nrOfEntries, entries }: Found): Html | string {
  const { offset, nresults } = query;
  if (query.term === undefined || (offset === 0 && entries.length >= nrOfEntries)) return '';
  const page = (to: number, rel: string, text: string) =>
    html`<a rel="${rel}" href="${searchAddress(fields.page, { ...query, offset: to })}">${text}</a>`;
  const last = offset + entries.length;
  const place = entries.length === 0 ? 'beyond the last' : `${renderNumber(offset + 1)} to ${renderNumber(last)}`;
  const rest = Math.min(nresults, nrOfEntries - last);
  return html`<nav class="paging" aria-label="Paging">
${offset === 0 ? '' : page(Math.max(0, Math.min(offset, nrOfEntries) - nresults), 'prev', 'Previous')}
<span>${place} of ${renderNumber(nrOfEntries)}</span>
${rest <= 0 ? '' : page(last, 'next', `Next ${rest}`)}
</nav>`;
}

/** What could be asked instead. */
function renderSuggestions({ query, fields }: Found): Html | string {
  const others: [text: string, change: Partial<SearchQuery>][] = [];
  if (!query.ignore_case) others.push(['ignore case', { ignore_case: true }]);
  if (query.syntax !== 'literal') others.push(['take it as it stands', { syntax: 'literal' }]);
  if (others.length === 0) return '';
  const links = others.map(([text, change], at) => {
    const address = searchAddress(fields.page, { ...query, ...change, offset: 0 });
    return html`${at === 0 ? '' : ', or '}<a href="${address}">${text}</a>`;
  });
  return html`<p class="hint">You could ${links}.</p>`;
}

function renderCurl({ query, fields, origin }: Found): Html {
  const request = { action: query.term === undefined ? 'all' : 'search', ...withoutDefaults(fields.api, query) };
  return html`<details class="curl"><summary>The same as a curl command</summary>
<pre tabindex="0"><code>${curl(request, origin)}</code></pre>
<p><button type="button" class="scripted" data-copies="curl">Copy</button></p>
</details>`;
}
