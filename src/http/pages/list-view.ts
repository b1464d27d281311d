// The list view: the entries with their matches, or a draw from all entries.
import { selectsSeveral } from '../../search/dictionary-selector.js';
import type { Dispersion } from '../../search/dispersion.js';
import type { Summary } from '../../search/engine.js';
import { renderPlot } from './dispersion-plot.js';
import { countByText, type EntryGroup, groupByText } from './entries-by-text.js';
import type { Excerpt } from './excerpt.js';
import { type Html, html } from './html.js';
import { renderMarked } from './marked-text.js';
import { renderNumber } from './numbers.js';
import type { PageQuery } from './page-fields.js';
import { renderPaging, renderPosition } from './paging.js';
import { searchUrl, textUrl } from './urls.js';
import { entryNoun, isDraw, nameInFolder, nameOfSource, type ViewContext } from './view-context.js';

export interface ListResults extends ViewContext, Summary {
  view: 'list';
  entries: Excerpt[];
  /** `undefined` if it couldn't be computed in time. */
  dispersion?: Dispersion | undefined;
}

/** The number of results of each text, if several were searched and all are known. */
type Counts = ReadonlyMap<string, number> | undefined;

/** More of them would hide the results. */
const MAX_TEXTS = 30;

export function renderListCount(results: ListResults): Html {
  const { query, nrOfEntries, entries, dictionary } = results;
  const all = html`${renderNumber(nrOfEntries)} ${entryNoun(query, nrOfEntries)}`;
  const of = html` of <b dir="auto">${nameOfSource(dictionary)}</b>`;
  if (!isDraw(query)) {
    const matches = countMatches(results);
    const occurrences =
      matches === undefined ? '' : html`, ${renderNumber(matches)} ${matches === 1 ? 'occurrence' : 'occurrences'}`;
    return html`<b>${renderNumber(nrOfEntries)}</b> ${entryNoun(query, nrOfEntries)}${of}${occurrences}${renderPosition(results)}`;
  }
  if (entries.length === 0) return html`Nothing to show: <b dir="auto">${nameOfSource(dictionary)}</b> has ${all}`;
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
  const counts = selectsSeveral(dictionary) ? countByText(dispersion) : undefined;
  const groups = groupByText(entries, dictionary).map((group) => renderGroup(group, counts, results));
  return html`${hasNoPlot ? '' : renderPlot(dispersion, results)}
${renderTexts(counts, results)}${groups}
${isDraw(query) ? '' : renderPaging(results, entries.length, nrOfEntries)}`;
}

/** Links to the results of each text, or of those with the most, if several were searched. */
function renderTexts(counts: Counts, { query, fields }: ListResults): Html | string {
  if (counts === undefined || counts.size < 2) return '';
  const isPart = counts.size > MAX_TEXTS;
  const shown = isPart ? [...counts].sort(([, one], [, other]) => other - one).slice(0, MAX_TEXTS) : [...counts];
  const links = shown.map(
    ([text, count]) =>
      html`<li><a href="${searchUrl(fields.page, { ...query, dictionary: text, offset: 0 })}"><bdi>${text}</bdi></a> ${renderNumber(count)}</li>\n`,
  );
  const rest = isPart ? html`<li>and ${renderNumber(counts.size - MAX_TEXTS)} more texts</li>\n` : '';
  return html`<ul class="by-text" aria-label="Results by text">
${links}${rest}</ul>
`;
}

function renderGroup({ text, first, entries }: EntryGroup<Excerpt>, counts: Counts, results: ListResults): Html {
  const { query } = results;
  const count = text === undefined ? undefined : counts?.get(text);
  const noun = count === undefined ? '' : html` <span>${renderNumber(count)} ${entryNoun(query, count)}</span>`;
  const heading =
    text === undefined ? '' : html`<h2 class="text"><a href="${textUrl(text)}"><bdi>${text}</bdi></a>${noun}</h2>\n`;
  return html`${heading}<ol class="entries" start="${query.offset + first + 1}">${entries.map((entry) => renderEntry(entry, text, results))}</ol>
`;
}

/** @param text the text that the heading above the entry names */
function renderEntry(entry: Excerpt, text: string | undefined, { dictionary, query, search }: ListResults): Html {
  const { file, line, before, after, offset } = entry;
  const name = nameInFolder(file, text ?? dictionary);
  const number = html`line ${renderNumber(line)}`;
  const location = name === undefined ? number : html`<bdi>${name}</bdi>, ${number}`;
  const address = textUrl(file, line, query.unit === 'line' ? offset : 0, search);
  const context = (texts: string[]) =>
    texts.length === 0 ? '' : html`<span class="context">${texts.join('\n')}</span>`;
  const gap = (texts: string[]) => (texts.length === 0 ? '' : '\n');
  return html`<li>
<p class="location"><a href="${address}">${location}</a></p>
<div><blockquote dir="auto">${context(before)}${gap(before)}<span class="text">${renderMarked(entry.text, entry.matches)}</span>${gap(after)}${context(after)}</blockquote>${renderRest(entry, query, address)}</div>
<button type="button" class="js-only" data-copies="quote" data-source="${file}, line ${renderNumber(line)}">Copy</button>
</li>`;
}

/** Says what an excerpt leaves out. */
function renderRest({ isShortened, nrOfHiddenMatches }: Excerpt, query: PageQuery, address: string): Html | string {
  if (!isShortened) return '';
  const hidden = nrOfHiddenMatches === 0 ? '' : `, with ${renderNumber(nrOfHiddenMatches)} more occurrences`;
  return html`<p class="rest"><a href="${address}">The whole ${entryNoun(query, 1)}</a>${hidden}</p>`;
}
