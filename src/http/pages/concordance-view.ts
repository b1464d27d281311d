// The concordance view: each match as the key word between the text on its left and right.
import type { Summary } from '../../search/engine.js';
import type { ConcordanceLine } from '../../search/query.js';
import { type Html, html } from './html.js';
import { renderNumber } from './numbers.js';
import { renderPaging, renderPosition } from './paging.js';
import { searchUrl, textUrl } from './urls.js';
import { nameInFolder, shorten, type ViewContext } from './view-context.js';

export interface ConcordanceResults extends ViewContext, Summary {
  view: 'kwic';
  lines: ConcordanceLine[];
}

/** Wider sides, in characters, are shown as running text. */
const MAX_ALIGNED_WIDTH = 60;
const CHARACTERS_PER_WORD = 6;

/** A regular expression may match long texts. In UTF-16 code units. */
const MAX_MATCH_LENGTH = 500;

export function renderConcordanceCount(results: ConcordanceResults): Html {
  const { nrOfEntries, dictionary } = results;
  const noun = nrOfEntries === 1 ? 'match' : 'matches';
  return html`<b>${renderNumber(nrOfEntries)}</b> ${noun} in <b>${dictionary}</b>${renderPosition(results)}`;
}

export function renderConcordance(results: ConcordanceResults): Html {
  const { lines, nrOfEntries } = results;
  if (lines.length === 0) return html`${renderPaging(results, 0, nrOfEntries)}`;
  return html`<table class="data kwic ${isWide(results) ? 'running' : 'aligned'}">
<thead><tr>${renderHead(results, 'file', 'Line')}${renderHead(results, 'left', 'Left')}<th scope="col" class="match"><span class="visually-hidden">Match</span></th>${renderHead(results, 'right', 'Right')}</tr></thead>
<tbody>
${lines.map((line) => renderLine(line, results))}</tbody>
</table>
${renderPaging(results, lines.length, nrOfEntries)}`;
}

/** A head that sorts the lines when clicked. */
function renderHead({ query, fields }: ConcordanceResults, order: 'file' | 'left' | 'right', label: string): Html {
  const isSorted = query.order === order;
  const address = searchUrl(fields.page, { ...query, order, offset: 0 });
  const title = order === 'file' ? 'Sort by file and line' : `Sort by the words on the ${order}`;
  return html`<th scope="col" class="${order}"${isSorted ? html` aria-sort="ascending"` : ''}><a href="${address}" title="${title}">${label}</a></th>`;
}

function renderLine(
  { file, line, left, match, right }: ConcordanceLine,
  { dictionary, search }: ConcordanceResults,
): Html {
  const name = nameInFolder(file, dictionary);
  const location = `${name === undefined ? '' : `${name}, `}line ${renderNumber(line)}`;
  return html`<tr><td class="file"><a href="${textUrl(file, line, 0, search)}">${location}</a></td><td class="left"><span>${left}</span></td><td class="match"><mark>${shorten(match, MAX_MATCH_LENGTH)}</mark></td><td class="right"><span>${right}</span></td></tr>
`;
}

function isWide({ query: { width = 0, width_unit } }: ConcordanceResults): boolean {
  return width * (width_unit === 'words' ? CHARACTERS_PER_WORD : 1) > MAX_ALIGNED_WIDTH;
}
