// The search page: a form and the results.
import type { DictionaryList } from '../../search/engine.js';
import { routes } from '../routes.js';
import type { Assets } from './assets.js';
import { renderSuggestion, type Suggestion } from './error-page.js';
import { type Html, html } from './html.js';
import { renderPage, renderProblem } from './page.js';
import type { SubmittedFields, ViewName } from './page-fields.js';
import { type Results, renderCount, renderResults } from './results.js';
import { renderForm } from './search-form.js';
import { renderTermList } from './term-list.js';
import { randomUrl } from './urls.js';
import { renderTabs, type ViewTabs } from './view-tabs.js';

export interface SearchPage {
  dictionaries: DictionaryList;
  submitted: SubmittedFields;
  view: ViewName;
  /** The links to the views of a search. */
  tabs?: ViewTabs;
  results?: Results;
  problem?: string;
  /** A similar search, if the dictionary is unknown. */
  suggestion?: Suggestion | undefined;
}

export function renderSearchPage(assets: Assets, page: SearchPage): string {
  const { dictionaries, submitted, view, tabs, results, problem, suggestion } = page;
  return renderPage(assets, {
    title: titleOf(submitted),
    styles: ['base.css', 'page.css', 'search-page.css'],
    scripts: ['search-page.js'],
    body: html`<h1 class="visually-hidden">Search texts</h1>
${renderForm(dictionaries, submitted, view)}
<div id="views">${tabs === undefined ? '' : renderTabs(tabs, dictionaries.default)}</div>
<p id="count" role="status" tabindex="-1">${results === undefined ? '' : renderCount(results)}</p>
<div id="results">
${results === undefined ? '' : html`<p class="print-only">${titleOf(submitted)}</p>`}
${problem === undefined ? '' : renderProblem(html`${problem}${suggestion === undefined ? '' : renderSuggestion(suggestion)}`)}
${results === undefined ? '' : renderResults(results)}
${results === undefined && problem === undefined ? renderWelcome(dictionaries) : ''}
</div>`,
  });
}

function titleOf({ term, all_of = [], any_of = [], none_of = [] }: SubmittedFields): string {
  const terms = [term ?? [], all_of, any_of, [none_of].flat().map((each) => `not ${each}`)].flat();
  return terms.length === 0 ? 'grepd' : `${renderTermList(terms)} – grepd`;
}

function renderWelcome({ dictionaries, default: dictionary }: DictionaryList): Html {
  if (dictionaries.length === 0)
    return html`<p>There are no texts to search yet. Put text files into the dictionaries folder.</p>`;
  return html`<p class="hint">Type a word to search ${dictionaries.length === 1 ? 'a text' : `${dictionaries.length} texts`},
<a href="${routes.texts.path}">read them</a>, or get <a href="${randomUrl(dictionary)}">a quote at random</a>.</p>`;
}
