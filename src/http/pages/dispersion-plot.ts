// A dispersion plot: one strip per file, with marks where the matches are.
import type { Dispersion, Mark, Strip } from '../../search/dispersion.js';
import { type Html, html } from './html.js';
import { renderNumber } from './numbers.js';
import { textUrl } from './urls.js';
import { nameInFolder, type ViewContext } from './view-context.js';

/** The width of a strip in SVG units; a page scales it to the available width. */
const WIDTH = 960;
const HEIGHT = 20;
/** The maximum width of a single match, which would fill much of the strip of a short file. */
const MAX_MATCH_WIDTH = 12;
/** The links of marks omit a longer search. */
const MAX_MARK_SEARCH_LENGTH = 500;

/** @param dispersion `undefined` if it couldn't be computed in time */
export function renderPlot(
  dispersion: Dispersion | undefined,
  { dictionary, search }: Pick<ViewContext, 'dictionary' | 'search'>,
): Html {
  const [first] = dispersion?.strips ?? [];
  if (dispersion === undefined || first === undefined) {
    return html`<p class="hint">The positions of the matches could not be computed in time.</p>`;
  }
  const { strips, nrOfFiles, countByFile, isComplete } = dispersion;
  const isFolder = nameInFolder(first.file, dictionary) !== undefined;
  const files = `${renderNumber(countByFile.size)} of ${renderNumber(nrOfFiles)} files`;
  const notes = [
    isFolder ? `Matches are in ${files}.` : '',
    strips.length < countByFile.size ? `The plot shows the first ${strips.length}.` : '',
    isComplete ? '' : 'The plot is incomplete: there was not enough time to search all files.',
  ].filter((note) => note !== '');
  const isSortable = isFolder && strips.length > 1;
  return html`<details class="plot" open>
<summary>Positions of the matches</summary>
<p class="hint" data-row>${notes.join(' ')}${isFolder ? '' : renderRange(first, search)}${isSortable ? SORT_BUTTON : ''}</p>
<ul class="strips${isFolder ? '' : ' single'}">${strips.map((strip) => renderRow(strip, isFolder ? dictionary : undefined, search))}</ul>
</details>`;
}

const SORT_BUTTON = html` <button type="button" class="js-only" data-sorts="plot" aria-pressed="false">Sort by count</button>`;

/** A script makes the plot one tab stop: arrow keys move between rows, and along their marks. */
function renderRow(strip: Strip, folder: string | undefined, search: string): Html {
  const { file, count, marks } = strip;
  if (folder === undefined) return html`<li data-row>${renderStrip(strip, search)}</li>`;
  const name = nameInFolder(file, folder) ?? file;
  return html`<li data-row data-count="${count}"><a href="${textUrl(file, marks[0]?.firstLine, 0, search)}" dir="auto">${name}</a>${renderStrip(strip, search)}<span>${renderNumber(count)}</span></li>`;
}

/** Describes a strip in words, for screen readers and keyboards. */
function renderRange({ file, marks }: Strip, search: string): Html {
  const link = (line: number) => html`<a href="${textUrl(file, line, 0, search)}">line ${renderNumber(line)}</a>`;
  const first = marks[0]?.firstLine ?? 1;
  const last = marks.at(-1)?.lastLine ?? 1;
  if (first === last) return html` At ${link(first)}.`;
  const densest = marks.reduce((densest, mark) => (mark.count > densest.count ? mark : densest));
  const density =
    densest.count === 1
      ? ''
      : html`; densest (${renderNumber(densest.count)} matches) from ${link(densest.firstLine)} on`;
  return html` From ${link(first)} to ${link(last)}${density}.`;
}

function renderStrip({ file, marks }: Strip, search: string): Html {
  // There may be a thousand marks.
  const markSearch = search.length > MAX_MARK_SEARCH_LENGTH ? '' : search;
  const maxCount = Math.max(...marks.map(({ count }) => count));
  return html`<svg class="strip" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true">${marks.map((mark) => renderMark(file, mark, maxCount, markSearch))}</svg>`;
}

function renderMark(file: string, mark: Mark, maxCount: number, search: string): Html {
  const { start, end, count, firstLine } = mark;
  const fullWidth = (end - start) * WIDTH;
  const shownWidth = Math.max(1, count === 1 ? Math.min(fullWidth, MAX_MATCH_WIDTH) : fullWidth);
  // Centered.
  const x = Math.round(start * WIDTH + (fullWidth - shownWidth) / 2);
  const width = Math.round(shownWidth);
  // Three shades, by the number of matches on a logarithmic scale.
  const density = Math.ceil((3 * Math.log2(count + 1)) / Math.log2(maxCount + 1));
  return html`<a href="${textUrl(file, firstLine, 0, search)}" tabindex="-1"><title>${titleOf(mark)}</title><rect class="d${density}" x="${x}" width="${width}" height="${HEIGHT}"/></a>`;
}

function titleOf({ firstLine, lastLine, count }: Mark): string {
  if (count === 1) return `line ${renderNumber(firstLine)}`;
  const lines =
    firstLine === lastLine ? renderNumber(firstLine) : `${renderNumber(firstLine)} to ${renderNumber(lastLine)}`;
  return `lines ${lines}: ${renderNumber(count)} matches`;
}
