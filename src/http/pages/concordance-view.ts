// The concordance view: each match as the key word between the text on its left and right.
import type { Summary } from '../../search/engine.js';
import type { ConcordanceLine, SortOrder } from '../../search/query.js';
import { type Html, html } from './html.js';
import { renderNumber } from './numbers.js';
import { renderPaging, renderPosition } from './paging.js';
import { searchUrl, textUrl } from './urls.js';
import { nameInFolder, nameOfSource, shorten, type ViewContext } from './view-context.js';

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
  const noun = nrOfEntries === 1 ? 'occurrence' : 'occurrences';
  return html`<b>${renderNumber(nrOfEntries)}</b> ${noun} in <b dir="auto">${nameOfSource(dictionary)}</b>${renderPosition(results)}`;
}

export function renderConcordance(results: ConcordanceResults): Html {
  const { lines, nrOfEntries } = results;
  if (lines.length === 0) return html`${renderPaging(results, 0, nrOfEntries)}`;
  const direction = isRightToLeft(lines) ? html` dir="rtl"` : '';
  const heads = Object.entries(HEADS).map(([order, head]) => renderHead(results, order as Order, head));
  return html`<table class="data kwic ${isWide(results) ? 'running' : 'aligned'}"${direction}>
<thead><tr>${heads}</tr></thead>
<tbody>
${lines.map((line) => renderLine(line, results))}</tbody>
</table>
${renderPaging(results, lines.length, nrOfEntries)}`;
}

type Order = 'file' | SortOrder;

const HEADS: Record<Order, { label: string; title: string }> = {
  file: { label: 'Source', title: 'Sort by file and line' },
  left: { label: 'Left', title: 'Sort by the words before the match' },
  match: { label: 'Match', title: 'Sort by the match' },
  right: { label: 'Right', title: 'Sort by the words after the match' },
};

/** A head that sorts the lines when clicked. */
function renderHead(
  { query, fields }: ConcordanceResults,
  order: Order,
  { label, title }: (typeof HEADS)[Order],
): Html {
  const isSorted = query.order === order;
  const address = searchUrl(fields.page, { ...query, order, offset: 0 });
  return html`<th scope="col" class="${order}"${isSorted ? html` aria-sort="ascending"` : ''}><a href="${address}" title="${title}">${label}</a></th>`;
}

function renderLine(
  { file, line, left, match, right }: ConcordanceLine,
  { dictionary, search }: ConcordanceResults,
): Html {
  const name = nameInFolder(file, dictionary);
  const number = html`line ${renderNumber(line)}`;
  const location = name === undefined ? number : html`<bdi>${name}</bdi>, ${number}`;
  return html`<tr><td class="file"><a href="${textUrl(file, line, 0, search)}">${location}</a></td><td class="left"><span><bdi>${left}</bdi></span></td><td class="match"><mark dir="auto">${shorten(match, MAX_MATCH_LENGTH)}</mark></td><td class="right"><span><bdi>${right}</bdi></span></td></tr>
`;
}

const LETTER = /\p{L}/u;
const RIGHT_TO_LEFT = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

/** Whether most lines are: the text before a match is then on its right. */
function isRightToLeft(lines: ConcordanceLine[]): boolean {
  const isLineRightToLeft = ({ left, match, right }: ConcordanceLine) =>
    RIGHT_TO_LEFT.test(LETTER.exec(match + left + right)?.[0] ?? '');
  return 2 * lines.filter(isLineRightToLeft).length > lines.length;
}

function isWide({ query: { width = 0, width_unit } }: ConcordanceResults): boolean {
  return width * (width_unit === 'words' ? CHARACTERS_PER_WORD : 1) > MAX_ALIGNED_WIDTH;
}
