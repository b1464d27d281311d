// The search page: a form and the results.
import { ALL_DICTIONARIES } from '../../search/dictionary-selector.js';
import type { DictionaryList } from '../../search/engine.js';
import { routes } from '../routes.js';
import type { AssetName, Assets } from './assets.js';
import { type Html, html } from './html.js';
import { renderKeys } from './keys-dialog.js';
import { renderPage } from './page.js';
import type { SubmittedFields, ViewName } from './page-fields.js';
import { type Results, renderCount, renderExports, renderResults } from './results.js';
import { renderForm } from './search-form.js';
import { isAboutTerm, renderSearchProblem, type SearchProblem } from './search-problem.js';
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
  problem?: SearchProblem;
}

const SCRIPTS: AssetName[] = [
  'search-page.js',
  'load-results.js',
  'form-state.js',
  'search-history.js',
  'find.js',
  'copy.js',
  'plot.js',
  'keyboard.js',
  'text-chooser.js',
  'regex-help.js',
];

export function renderSearchPage(assets: Assets, page: SearchPage): string {
  const { dictionaries, submitted, view, tabs, results, problem } = page;
  return renderPage(assets, {
    title: titleOf(submitted),
    styles: [
      'base.css',
      'page.css',
      'search-form.css',
      'results.css',
      'plot.css',
      'search-page.css',
      'text-chooser.css',
    ],
    scripts: SCRIPTS,
    skipTo: { selector: '#count', label: 'Skip to the results' },
    body: html`<h1 class="visually-hidden">Search texts</h1>
${renderForm(dictionaries, submitted, view, problem)}
<div id="views">${tabs === undefined ? '' : renderTabs(tabs, dictionaries.default)}</div>
<div class="counts">
<p id="count" role="status" tabindex="-1">${results === undefined ? '' : renderCount(results)}</p>
<p id="searching" aria-live="polite" hidden>Searching … <button type="button" id="cancel">Cancel</button></p>
<div id="exports">${results === undefined ? '' : renderExports(results)}</div>
</div>
<div id="results">
${problem === undefined || isAboutTerm(problem) ? '' : renderSearchProblem(problem)}
${results === undefined ? '' : renderResults(results)}
${results === undefined && problem === undefined ? renderWelcome(dictionaries) : ''}
</div>
${renderKeys()}`,
  });
}

function titleOf({ term, all_of = [], any_of = [], none_of = [] }: SubmittedFields): string {
  const terms = [term ?? [], all_of, any_of, [none_of].flat().map((each) => `not ${each}`)].flat();
  return terms.length === 0 ? 'grepd' : `${renderTermList(terms)} – grepd`;
}

function renderWelcome({ dictionaries }: DictionaryList): Html {
  if (dictionaries.length === 0)
    return html`<p>There are no texts to search yet. Put text files into the dictionaries folder.</p>`;
  return html`<p class="hint">Type a word to search ${dictionaries.length === 1 ? 'a text' : `${dictionaries.length} texts`},
<a href="${routes.texts.path}">read them</a>, or get <a href="${randomUrl(ALL_DICTIONARIES)}">a quote at random</a>.</p>`;
}
