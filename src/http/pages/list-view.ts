// The list view: the entries with their matches, or a draw from all entries.
import type { Dispersion } from '../../search/dispersion.js';
import type { Summary } from '../../search/engine.js';
import { renderPlot } from './dispersion-plot.js';
import type { Excerpt } from './excerpt.js';
import { type Html, html } from './html.js';
import { renderMarked } from './marked-text.js';
import { renderNumber } from './numbers.js';
import { renderPaging, renderPosition } from './paging.js';
import { textUrl } from './urls.js';
import { entryNoun, isDraw, nameInFolder, type ViewContext } from './view-context.js';

export interface ListResults extends ViewContext, Summary {
  view: 'list';
  entries: Excerpt[];
  /** `undefined` if it couldn't be computed in time. */
  dispersion?: Dispersion | undefined;
}

export function renderListCount(results: ListResults): Html {
  const { query, nrOfEntries, entries, dictionary } = results;
  const all = html`${renderNumber(nrOfEntries)} ${entryNoun(query, nrOfEntries)}`;
  if (!isDraw(query)) {
    return html`<b>${renderNumber(nrOfEntries)}</b> ${entryNoun(query, nrOfEntries)} of <b>${dictionary}</b>${renderPosition(results)}`;
  }
  if (entries.length === 0) return html`Nothing to show: <b>${dictionary}</b> has ${all}`;
  const shown = entries.length === 1 ? 'One' : renderNumber(entries.length);
  return html`${shown} of ${all} of <b>${dictionary}</b>`;
}

export function renderList(results: ListResults): Html {
  const { query, entries, dispersion, nrOfEntries } = results;
  const hasNoPlot = nrOfEntries === 0 || isDraw(query);
  return html`${hasNoPlot ? '' : renderPlot(dispersion, results)}
<ol class="entries" start="${query.offset + 1}">${entries.map((entry) => renderEntry(entry, results))}</ol>
${isDraw(query) ? '' : renderPaging(results, entries.length, nrOfEntries)}`;
}

function renderEntry(entry: Excerpt, { dictionary, query, search }: ListResults): Html {
  const { file, line, before, after, offset } = entry;
  const name = nameInFolder(file, dictionary);
  const location = `${name === undefined ? '' : `${name}, `}line ${renderNumber(line)}`;
  const context = (texts: string[]) =>
    texts.length === 0 ? '' : html`<span class="context">${texts.join('\n')}</span>`;
  const gap = (texts: string[]) => (texts.length === 0 ? '' : '\n');
  return html`<li>
<blockquote>${context(before)}${gap(before)}<span class="text">${renderMarked(entry.text, entry.matches)}</span>${gap(after)}${context(after)}</blockquote>
<p class="location"><a href="${textUrl(file, line, query.unit === 'line' ? offset : 0, search)}">${location}</a> <button type="button" class="js-only" data-copies="quote">Copy</button></p>
</li>`;
}
