// Links to the previous and the next results of a query.
import { type Html, html } from './html.js';
import { renderNumber } from './numbers.js';
import { searchUrl } from './urls.js';
import type { ViewContext } from './view-context.js';

/**
 * @param nrShown the number of results on this page
 * @param total the number of results of the query
 */
export function renderPaging({ query, fields }: ViewContext, nrShown: number, total: number): Html | string {
  const { offset, nresults } = query;
  if (offset === 0 && nrShown >= total) return '';
  const page = (newOffset: number, rel: string, text: string) =>
    html`<a rel="${rel}" href="${searchUrl(fields.page, { ...query, offset: newOffset })}">${text}</a>`;
  const last = offset + nrShown;
  const range = nrShown === 0 ? 'beyond the last' : `${renderNumber(offset + 1)} to ${renderNumber(last)}`;
  const remaining = Math.min(nresults, total - last);
  return html`<nav class="paging" aria-label="Paging">
${offset === 0 ? '' : page(Math.max(0, Math.min(offset, total) - nresults), 'prev', 'Previous')}
<span>${range} of ${renderNumber(total)}</span>
${remaining <= 0 ? '' : page(last, 'next', `Next ${remaining}`)}
</nav>`;
}

/** Screen readers announce the count, so it must differ on each page. */
export function renderPosition({ query }: ViewContext): Html | string {
  return query.offset === 0 ? '' : html`, from ${renderNumber(query.offset + 1)} on`;
}
