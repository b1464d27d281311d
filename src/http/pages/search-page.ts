// The search page: a form and the results.
import type { DictionaryList } from '../../search/engine.js';
import type { AssetName, Assets } from './assets.js';
import type { Example } from './examples.js';
import { html } from './html.js';
import { renderKeys } from './keys-dialog.js';
import { renderPage } from './page.js';
import type { SubmittedFields, ViewName } from './page-fields.js';
import { type Results, renderCount, renderExports, renderResults } from './results.js';
import { renderForm } from './search-form.js';
import { isAboutTerm, renderSearchProblem, type SearchProblem } from './search-problem.js';
import { renderTermList } from './term-list.js';
import { renderTabs, type ViewTabs } from './view-tabs.js';
import { renderWelcome } from './welcome.js';

export interface SearchPage {
  dictionaries: DictionaryList;
  submitted: SubmittedFields;
  view: ViewName;
  /** The links to the views of a search. */
  tabs?: ViewTabs;
  results?: Results;
  problem?: SearchProblem;
  /** For a page without results. */
  examples?: Example[];
}

const STYLES: AssetName[] = [
  'base.css',
  'page.css',
  'search-form.css',
  'results.css',
  'plot.css',
  'search-page.css',
  'welcome.css',
  'keys-dialog.css',
  'text-chooser.css',
];

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
  const { dictionaries, submitted, view, tabs, results, problem, examples = [] } = page;
  return renderPage(assets, {
    title: titleOf(submitted),
    styles: STYLES,
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
${results === undefined ? '' : html`<p class="print-only">${titleOf(submitted)}</p>`}
${problem === undefined || isAboutTerm(problem) ? '' : renderSearchProblem(problem)}
${results === undefined ? '' : renderResults(results)}
${results === undefined && problem === undefined ? renderWelcome(dictionaries, examples) : ''}
</div>
${renderKeys()}`,
  });
}

function titleOf({ term, all_of = [], any_of = [], none_of = [] }: SubmittedFields): string {
  const terms = [term ?? [], all_of, any_of, [none_of].flat().map((each) => `not ${each}`)].flat();
  return terms.length === 0 ? 'grepd' : `${renderTermList(terms)} – grepd`;
}
