// The search page: a form and the results.
import type { DictionaryList } from '../../search/engine.js';
import { routes } from '../routes.js';
import type { Assets } from './assets.js';
import { Html, html } from './html.js';
import { renderPage, renderProblem } from './page.js';
import { type Results, renderCount, renderResults } from './results.js';
import { randomUrl } from './urls.js';

export interface SearchPage {
  dictionaries: DictionaryList;
  /** The fields as submitted, for the form. */
  submitted: Record<string, string | undefined>;
  results?: Results;
  problem?: string;
}

export function renderSearchPage(assets: Assets, { dictionaries, submitted, results, problem }: SearchPage): string {
  return renderPage(assets, {
    title: submitted.term === undefined ? 'grepd' : `${submitted.term} – grepd`,
    scripts: ['search-page.js'],
    body: html`<h1 class="visually-hidden">Search texts</h1>
${renderForm(dictionaries, submitted)}
<p id="count" role="status" tabindex="-1">${results === undefined ? '' : renderCount(results)}</p>
<div id="results">
${problem === undefined ? '' : renderProblem(problem)}
${results === undefined ? '' : renderResults(results)}
${results === undefined && problem === undefined ? renderWelcome(dictionaries) : ''}
</div>`,
  });
}

const SYNTAXES = { literal: 'literally', word: 'as whole words', regex: 'as a regular expression' };
const UNITS = { line: 'lines', quote: 'whole quotes' };

function renderForm(dictionaries: DictionaryList, submitted: SearchPage['submitted']): Html {
  const dictionary = submitted.dictionary ?? dictionaries.default;
  const context = (field: 'n_before' | 'n_after', label: string) =>
    html`<label>${label} <span class="visually-hidden">a match</span> <input type="number" name="${field}" data-default="0" min="0" max="100" value="${submitted[field] ?? '0'}"></label>`;
  return html`<form id="search" action="${routes.page.path}" method="get" role="search">
<div class="query">
<label class="grow"><span class="visually-hidden">Search for</span>
<input type="search" name="term" value="${submitted.term ?? ''}" placeholder="Search for …" required${submitted.term === undefined && submitted.order === undefined ? html` autofocus` : ''} autocomplete="off" autocapitalize="off" spellcheck="false"></label>
<button>Search</button>
<a class="button" id="random" href="${randomUrl(dictionary)}">Random quote</a>
</div>
<div class="query-options">
<label>in <span class="visually-hidden">which text</span> ${renderDictionaries(dictionaries, dictionary)}</label>
<label>match <span class="visually-hidden">the term</span> ${renderSelect('syntax', SYNTAXES, submitted.syntax, 'literal')}</label>
<label>show ${renderSelect('unit', UNITS, submitted.unit, 'line')}</label>
<span class="pair">${context('n_before', 'before')} ${context('n_after', 'after')}</span>
<label class="check"><input type="checkbox" name="ignore_case" value="true"${submitted.ignore_case === 'true' ? html` checked` : ''}> ignore case</label>
</div>
</form>`;
}

/** Caches the options of a list: rendering thousands takes longer than the rest of the page. */
const optionsOf = new WeakMap<DictionaryList, ReadonlyMap<string, string>>();

function renderDictionaries(list: DictionaryList, chosen: string | undefined): Html {
  const options = optionsOf.get(list) ?? new Map(list.dictionaries.map(({ name }) => [name, renderOption(name).text]));
  optionsOf.set(list, options);
  const rendered = [...options].map(([name, option]) =>
    name === chosen ? renderOption(name, name, true).text : option,
  );
  // A file in a folder can also be searched, but is not in the list.
  if (chosen !== undefined && !options.has(chosen)) rendered.unshift(renderOption(chosen, chosen, true).text);
  return html`<select name="dictionary">${new Html(rendered.join(''))}</select>`;
}

function renderOption(value: string, label = value, isChosen = false): Html {
  // Without `value`, browsers would collapse spaces in the name.
  return html`<option value="${value}"${isChosen ? html` selected` : ''}>${label}</option>`;
}

function renderSelect(
  name: string,
  labels: Record<string, string>,
  chosen: string | undefined,
  byDefault?: string,
): Html {
  const options = Object.entries(labels).map(([value, label]) => renderOption(value, label, value === chosen));
  return html`<select name="${name}"${byDefault === undefined ? '' : html` data-default="${byDefault}"`}>${options}</select>`;
}

function renderWelcome({ dictionaries, default: dictionary }: DictionaryList): Html {
  if (dictionaries.length === 0)
    return html`<p>There are no texts to search yet. Put text files into the dictionaries folder.</p>`;
  return html`<p class="hint">Type a word to search ${dictionaries.length === 1 ? 'a text' : `${dictionaries.length} texts`},
<a href="${routes.texts.path}">read them</a>, or get <a href="${randomUrl(dictionary)}">a quote at random</a>.</p>`;
}
