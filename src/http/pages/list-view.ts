// The list view: the entries with their matches, or a draw from all entries.
import { selectsSeveral } from '../../search/dictionary-selector.js';
import type { Dispersion } from '../../search/dispersion.js';
import type { Summary } from '../../search/engine.js';
import { renderPlot } from './dispersion-plot.js';
import { countByText, type EntryGroup, groupByText } from './entries-by-text.js';
import type { Excerpt } from './excerpt.js';
import { type Html, html } from './html.js';
import { renderNumber } from './numbers.js';
import { renderPaging, renderPosition } from './paging.js';
import { searchUrl, textUrl } from './urls.js';
import { entryNoun, isDraw, nameInFolder, nameOfSource, type ViewContext } from './view-context.js';

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
    return html`<b>${renderNumber(nrOfEntries)}</b> ${entryNoun(query, nrOfEntries)} of <b>${nameOfSource(dictionary)}</b>${renderPosition(results)}`;
  }
  if (entries.length === 0) return html`Nothing to show: <b>${nameOfSource(dictionary)}</b> has ${all}`;
  const shown = entries.length === 1 ? 'One' : renderNumber(entries.length);
  return html`${shown} of ${all} of <b>${nameOfSource(dictionary)}</b>`;
}

export function renderList(results: ListResults): Html {
  const { query, entries, dispersion, dictionary, nrOfEntries } = results;
  const hasNoPlot = nrOfEntries === 0 || isDraw(query);
  return html`${hasNoPlot ? '' : renderPlot(dispersion, dictionary)}
${renderTexts(results)}${groupByText(entries, dictionary).map((group) => renderGroup(group, results))}
${isDraw(query) ? '' : renderPaging(results, entries.length, nrOfEntries)}`;
}

/** Links to the results of each text, if several were searched. */
function renderTexts({ query, fields, dictionary, dispersion }: ListResults): Html | string {
  const counts = selectsSeveral(dictionary) ? countByText(dispersion) : undefined;
  if (counts === undefined || counts.size < 2) return '';
  const links = [...counts].map(
    ([text, count]) =>
      html`<li><a href="${searchUrl(fields.page, { ...query, dictionary: text, offset: 0 })}"><bdi>${text}</bdi></a> ${renderNumber(count)}</li>\n`,
  );
  return html`<ul class="texts" aria-label="Results by text">
${links}</ul>
`;
}

function renderGroup({ text, first, entries }: EntryGroup<Excerpt>, results: ListResults): Html {
  const { query, dispersion } = results;
  const count = text === undefined ? undefined : countByText(dispersion)?.get(text);
  const noun = count === undefined ? '' : html` <span>${renderNumber(count)} ${entryNoun(query, count)}</span>`;
  const heading =
    text === undefined ? '' : html`<h2 class="text"><a href="${textUrl(text)}"><bdi>${text}</bdi></a>${noun}</h2>\n`;
  return html`${heading}<ol class="entries" start="${query.offset + first + 1}">${entries.map((entry) => renderEntry(entry, results))}</ol>
`;
}

function renderEntry(entry: Excerpt, { dictionary, query }: ListResults): Html {
  const { file, line, before, after, offset } = entry;
  const name = nameInFolder(file, dictionary);
  const location = `${name === undefined ? '' : `${name}, `}line ${renderNumber(line)}`;
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
