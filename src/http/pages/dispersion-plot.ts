// A dispersion plot: a strip for each file, on which a mark shows where matches lie.
import type { Dispersion, Mark, Strip } from '../../search/dispersion.js';
import { textAddress } from './addresses.js';
import { type Html, html } from './html.js';
import { renderNumber } from './numbers.js';

/** The width of a strip in its own units; on a page it is as wide as there is room. */
const WIDTH = 960;
const HEIGHT = 20;
/** That of one match, in a short file too: a line of ten is no fuller of matches than a line of a thousand. */
const WIDEST = 12;

/** @param dispersion nothing where it could not be found out */
export function renderPlot(dispersion: Dispersion | undefined, dictionary: string): Html {
  const [first] = dispersion?.strips ?? [];
  if (dispersion === undefined || first === undefined) {
    return html`<p class="hint">Where they lie could not be found out in time.</p>`;
  }
  const { strips, nrOfFiles, nrOfFilesWithMatches, isWhole } = dispersion;
  const isFolder = first.file.startsWith(`${dictionary}/`);
  const files = `${renderNumber(nrOfFilesWithMatches)} of ${renderNumber(nrOfFiles)} files`;
  const notes = [
    isFolder ? `Matches are in ${files}.` : '',
    strips.length < nrOfFilesWithMatches ? `These are the first ${strips.length}.` : '',
    isWhole ? '' : 'There was not enough time to look through all of it.',
  ].filter((note) => note !== '');
  return html`<section class="plot" aria-label="Where the matches lie">
${notes.length === 0 ? '' : html`<p class="hint">${notes.join(' ')}</p>`}
${isFolder ? renderStrips(strips, dictionary) : html`${renderStrip(first)}${renderPlaces(first)}`}
</section>`;
}

/** Who can't use a mouse goes by the names; a few hundred marks are no stations on the way through a page. */
function renderStrips(strips: Strip[], dictionary: string): Html {
  const rows = strips.map((strip) => {
    const name = strip.file.slice(dictionary.length + 1);
    const [mark] = strip.marks;
    return html`<li><a href="${textAddress(strip.file, mark?.firstLine)}">${name}</a>${renderStrip(strip)}<span>${renderNumber(strip.count)}</span></li>`;
  });
  return html`<ul class="strips" tabindex="0">${rows}</ul>`;
}

/** What a strip shows, for who can't see it or use a mouse. */
function renderPlaces({ file, marks }: Strip): Html {
  const link = (line: number) => html`<a href="${textAddress(file, line)}">line ${renderNumber(line)}</a>`;
  const first = marks[0]?.firstLine ?? 1;
  const last = marks.at(-1)?.lastLine ?? 1;
  if (first === last) return html`<p class="hint">At ${link(first)}.</p>`;
  const most = marks.reduce((most, mark) => (mark.count > most.count ? mark : most));
  const thickest =
    most.count === 1 ? '' : html`; closest together (${renderNumber(most.count)}) from ${link(most.firstLine)} on`;
  return html`<p class="hint">From ${link(first)} to ${link(last)}${thickest}.</p>`;
}

function renderStrip({ file, marks }: Strip): Html {
  const most = Math.max(...marks.map(({ count }) => count));
  return html`<svg class="strip" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true">${marks.map((mark) => renderMark(file, mark, most))}</svg>`;
}

function renderMark(file: string, mark: Mark, most: number): Html {
  const { start, end, count, firstLine } = mark;
  const whole = (end - start) * WIDTH;
  const shown = Math.max(1, count === 1 ? Math.min(whole, WIDEST) : whole);
  // In the middle of its place.
  const x = Math.round(start * WIDTH + (whole - shown) / 2);
  const width = Math.round(shown);
  // As dark as there are many, in three steps.
  const density = Math.ceil((3 * Math.log2(count + 1)) / Math.log2(most + 1));
  return html`<a href="${textAddress(file, firstLine)}" tabindex="-1"><title>${titleOf(mark)}</title><rect class="d${density}" x="${x}" width="${width}" height="${HEIGHT}"/></a>`;
}

function titleOf({ firstLine, lastLine, count }: Mark): string {
  if (count === 1) return `line ${renderNumber(firstLine)}`;
  const lines =
    firstLine === lastLine ? renderNumber(firstLine) : `${renderNumber(firstLine)} to ${renderNumber(lastLine)}`;
  return `lines ${lines}: ${renderNumber(count)}`;
}
