// The list view: the entries with their matches, or a draw from all entries.
import type { Dispersion } from '../../search/dispersion.js';
import type { Summary } from '../../search/engine.js';
import { renderPlot } from './dispersion-plot.js';
import type { Excerpt } from './excerpt.js';
import { type Html, html } from './html.js';
import { renderNumber } from './numbers.js';
import type { PageQuery } from './page-fields.js';
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
  const of = html` of <b dir="auto">${dictionary}</b>`;
  if (!isDraw(query)) {
    const matches = countMatches(results);
    const occurrences =
      matches === undefined ? '' : html`, ${renderNumber(matches)} ${matches === 1 ? 'occurrence' : 'occurrences'}`;
    return html`<b>${renderNumber(nrOfEntries)}</b> ${entryNoun(query, nrOfEntries)}${of}${occurrences}${renderPosition(results)}`;
  }
  if (entries.length === 0) return html`Nothing to show: <b dir="auto">${dictionary}</b> has ${all}`;
  const shown = entries.length === 1 ? 'One' : renderNumber(entries.length);
  return html`${shown} of ${all}${of}`;
}

/** Returns `undefined` if the page doesn't have all entries, or if each entry has one match or none. */
function countMatches({ entries, nrOfEntries, truncated }: ListResults): number | undefined {
  if (entries.length < nrOfEntries || truncated !== undefined) return undefined;
  const count = entries.reduce((sum, { matches, nrOfHiddenMatches }) => sum + matches.length + nrOfHiddenMatches, 0);
  return count === nrOfEntries || count === 0 ? undefined : count;
}

export function renderList(results: ListResults): Html {
  const { query, entries, dispersion, dictionary, nrOfEntries } = results;
  const hasNoPlot = nrOfEntries === 0 || isDraw(query);
  return html`${hasNoPlot ? '' : renderPlot(dispersion, dictionary)}
${entries.length === 0 ? '' : html`<ol class="entries" start="${query.offset + 1}">${entries.map((entry) => renderEntry(entry, results))}</ol>`}
${isDraw(query) ? '' : renderPaging(results, entries.length, nrOfEntries)}`;
}

function renderEntry(entry: Excerpt, { dictionary, query }: ListResults): Html {
  const { file, line, before, after, offset } = entry;
  const name = nameInFolder(file, dictionary);
  const number = html`line ${renderNumber(line)}`;
  const location = name === undefined ? number : html`<bdi>${name}</bdi>, ${number}`;
  const address = textUrl(file, line, query.unit === 'line' ? offset : 0);
  const context = (texts: string[]) =>
    texts.length === 0 ? '' : html`<span class="context">${texts.join('\n')}</span>`;
  const gap = (texts: string[]) => (texts.length === 0 ? '' : '\n');
  return html`<li>
<p class="location"><a href="${address}">${location}</a></p>
<div><blockquote dir="auto">${context(before)}${gap(before)}${renderMatched(entry)}${gap(after)}${context(after)}</blockquote>${renderRest(entry, query, address)}</div>
<button type="button" class="js-only" data-copies="quote" data-source="${file}, line ${renderNumber(line)}">Copy</button>
</li>`;
}

/** Says what an excerpt leaves out. */
function renderRest({ isShortened, nrOfHiddenMatches }: Excerpt, query: PageQuery, address: string): Html | string {
  if (!isShortened) return '';
  const hidden = nrOfHiddenMatches === 0 ? '' : `, with ${renderNumber(nrOfHiddenMatches)} more occurrences`;
  return html`<p class="rest"><a href="${address}">The whole ${entryNoun(query, 1)}</a>${hidden}</p>`;
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
