// Offers the variants of a search that find something if the search itself found nothing.
import { type Html, html } from './html.js';
import { renderNumber } from './numbers.js';
import type { PageQuery } from './page-fields.js';
import type { Suggestion } from './try-variants.js';
import { searchUrl } from './urls.js';
import { entryNoun, type ViewContext } from './view-context.js';

export function renderSuggestions({ query, fields }: ViewContext, suggestions: readonly Suggestion[]): Html | string {
  if (suggestions.length === 0) return '';
  const items = suggestions.map(({ label, change, nrOfEntries }) => {
    const variant: PageQuery = { ...query, ...change, offset: 0 };
    const count = `${renderNumber(nrOfEntries)} ${entryNoun(variant, nrOfEntries)}`;
    return html`<li><a href="${searchUrl(fields.page, variant)}">${label}</a>: ${count}</li>\n`;
  });
  return html`<section class="suggestions" aria-label="Suggestions">
<p>Found when searching</p>
<ul>
${items}</ul>
</section>`;
}
