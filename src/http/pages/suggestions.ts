// Suggests less strict searches if nothing matches.
import type { SearchValues } from '../api/search-queries.js';
import { type Html, html } from './html.js';
import { searchUrl } from './urls.js';
import type { ViewContext } from './view-context.js';

export function renderSuggestions({ query, fields }: ViewContext): Html | string {
  const suggestions: [text: string, change: Partial<SearchValues>][] = [];
  const { term = '', syntax, ignore_case } = query;
  if (!ignore_case) suggestions.push(['ignore case', { ignore_case: true }]);
  if (syntax === 'literal' && /\S\s+\S/.test(term)) {
    suggestions.push(['search across line ends', { syntax: 'phrase', unit: 'quote' }]);
  }
  if (syntax !== 'literal') {
    suggestions.push(['search for the literal text', { syntax: 'literal', join_hyphens: false }]);
  }
  if (suggestions.length === 0) return '';
  const links = suggestions.map(([text, change], index) => {
    const address = searchUrl(fields.page, { ...query, ...change, offset: 0 });
    return html`${index === 0 ? '' : ', or '}<a href="${address}">${text}</a>`;
  });
  return html`<p class="hint">You could ${links}.</p>`;
}
