// The bar at the top of a text that was opened from a search: a compact search form, the way back
// to the results, and the way from hit to hit.
import { routes } from '../routes.js';
import { type Html, html } from './html.js';
import type { TextLocation } from './next-text.js';
import { renderNumber } from './numbers.js';
import type { TextHits } from './text-hits.js';
import { type TextSearch, toSearch } from './text-search.js';
import { textUrl } from './urls.js';
import { nameOfSource } from './view-context.js';

export interface TextBar {
  /** The path of the file. */
  file: string;
  search: Pick<TextSearch, 'parameters'>;
  /** `undefined` if the search failed. */
  hits: TextHits | undefined;
  /** The first hit after this text, in the dictionary that was searched. */
  nextText: TextLocation | undefined;
}

export function renderTextBar({ file, search, hits, nextText }: TextBar): Html {
  const parameters = toSearch(search);
  return html`<div class="text-bar">
${renderForm(file, search)}
<nav aria-label="Results"><a href="${routes.page.path}?${parameters}">Back to results</a>
${hits === undefined ? '' : renderHits(file, hits, parameters)}
${nextText === undefined ? '' : html`<a rel="next" href="${textUrl(nextText.file, nextText.line, 0, parameters)}" title="${nextText.file}">Next text with hits</a>`}</nav>
</div>`;
}

function renderHits(file: string, { count, current, previous, next }: TextHits, search: string): Html {
  const noun = count === 1 ? 'hit' : 'hits';
  const position = current === undefined ? '' : html`hit ${renderNumber(current.number)} of `;
  const label = current === undefined ? html`${renderNumber(count)} ${noun} in this text` : renderNumber(count);
  const arrow = (hit: TextHits['next'], rel: string, name: string, sign: string) =>
    hit === undefined
      ? html`<span class="arrow" aria-hidden="true">${sign}</span>`
      : html`<a class="arrow" rel="${rel}" href="${textUrl(file, hit.line, 0, search)}" aria-label="${name}" title="${name}">${sign}</a>`;
  return html`<span class="hits">${arrow(previous, 'prev', 'Previous hit', '‹')} <span>${position}${label}</span> ${arrow(next, 'next', 'Next hit', '›')}</span>`;
}

/** Parameters that belong to the results on a page, not to the next search. */
const OF_RESULTS = ['offset', 'seed'];

function renderForm(file: string, { parameters }: TextBar['search']): Html {
  const valuesOf = (name: string) => parameters.filter(([each]) => each === name).map(([, value]) => value);
  const hidden = ([name, value]: [string, string]) => html`<input type="hidden" name="${name}" value="${value}">`;
  const others = parameters.filter(([name]) => !['term', 'dictionary', ...OF_RESULTS].includes(name));
  return html`<form action="${routes.page.path}" method="get" role="search" aria-label="Search this text">
<input type="search" name="term" value="${valuesOf('term')[0] ?? ''}" aria-label="Search for" dir="auto" autocomplete="off" autocapitalize="off" spellcheck="false">
${renderSources(file, valuesOf('dictionary'))}
<button>Search</button>
${others.map(hidden)}</form>`;
}

/** Offers to search this text, or the dictionary that was searched if it is a single other one. */
function renderSources(file: string, dictionaries: readonly string[]): Html {
  const [dictionary] = dictionaries;
  if (dictionaries.length !== 1 || dictionary === undefined || dictionary === file) {
    return html`<input type="hidden" name="dictionary" value="${file}">`;
  }
  return html`<select name="dictionary" aria-label="Search in"><option value="${file}">this text</option><option value="${dictionary}" dir="auto">${nameOfSource(dictionary)}</option></select>`;
}
