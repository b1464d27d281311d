// The form of the search page.
import type { DictionaryList } from '../../search/engine.js';
import { DEFAULT_WIDTH } from '../api/search-queries.js';
import { routes } from '../routes.js';
import { type Html, html } from './html.js';
import { LIST_FIELDS, type SubmittedFields, type ViewName } from './page-fields.js';
import { renderTermList } from './term-list.js';
import { chosenSelector, renderTextChooser } from './text-chooser.js';
import { randomUrl } from './urls.js';

const SYNTAXES = {
  literal: 'literally',
  word: 'as whole words',
  regex: 'as a regular expression',
  phrase: 'as a phrase across lines',
};
const UNITS = { line: 'lines', quote: 'whole quotes' };
const SIDES = { '': 'matches', left: 'words on the left', right: 'words on the right' };
const WIDTH_UNITS = { characters: 'characters', words: 'words' };

export function renderForm(dictionaries: DictionaryList, submitted: SubmittedFields, view: ViewName): Html {
  const isUnused = ['term', 'order', ...LIST_FIELDS].every((name) => submitted[name] === undefined);
  const selector = chosenSelector(dictionaries, submitted, isUnused);
  return html`<form id="search" action="${routes.page.path}" method="get" role="search">
<div class="query">
<label class="grow"><span class="visually-hidden">Search for</span>
<input type="search" name="term" value="${textOf(submitted.term)}" placeholder="Search for …"${isUnused ? html` autofocus` : ''} autocomplete="off" autocapitalize="off" spellcheck="false"></label>
<button>Search</button>
<a class="button" id="random" href="${randomUrl(selector)}">Random quote</a>
</div>
<div class="query-options">
${renderTextChooser(dictionaries, submitted, selector)}
<label>match <span class="visually-hidden">the term</span> ${renderSelect('syntax', SYNTAXES, submitted)}</label>
<label>show ${renderSelect('unit', UNITS, submitted)}</label>
<span id="view-options">${renderViewOptions(view, submitted)}</span>
${renderCheckbox('ignore_case', 'ignore case', submitted)}
</div>
${renderConditions(submitted)}
</form>`;
}

function renderConditions(submitted: SubmittedFields): Html {
  const isUsed = [...LIST_FIELDS, 'ignore_marks', 'join_hyphens'].some((name) => submitted[name] !== undefined);
  const text = (name: string, label: string, placeholder = '') =>
    html`<label>${label} <input type="text" name="${name}" value="${textOf(submitted[name])}" placeholder="${placeholder}" aria-describedby="conditions-hint" autocomplete="off" autocapitalize="off" spellcheck="false"></label>\n`;
  return html`<details id="conditions"${isUsed ? html` open` : ''}><summary>More conditions</summary>
<div class="conditions">
${text('all_of', 'also')}${text('any_of', 'any of')}${text('none_of', 'but not')}${text('files', 'only in files', 'chapter-1*, !*.bak')}</div>
<p class="hint" id="conditions-hint">Separate values with commas. Put a value that contains a comma in double quotes.</p>
<div class="query-options">
${renderCheckbox('ignore_marks', 'ignore accents', submitted)}
${renderCheckbox('join_hyphens', 'join words hyphenated at line ends (phrases only)', submitted)}
</div>
</details>`;
}

/** The options that only this view has. */
function renderViewOptions(view: ViewName, submitted: SubmittedFields): Html {
  const hidden = (name: string) => html`<input type="hidden" name="${name}" value="${textOf(submitted[name])}">`;
  const number = (name: string, byDefault: number, min: number, max: number) =>
    html`<input type="number" name="${name}" data-default="${byDefault}" min="${min}" max="${max}" value="${textOf(submitted[name]) || byDefault}">`;
  const context = (name: string, label: string) =>
    html`<label>${label} <span class="visually-hidden">a match</span> ${number(name, 0, 0, 100)}</label>`;
  switch (view) {
    case 'list':
      return html`<span class="pair">${context('n_before', 'before')} ${context('n_after', 'after')}</span>`;
    case 'kwic':
      return html`${hidden('view')}${submitted.order === undefined ? '' : hidden('order')}
<span class="pair wide"><label>width ${number('width', DEFAULT_WIDTH, 0, 1000)}</label>
<label><span class="visually-hidden">unit of the width</span> ${renderSelect('width_unit', WIDTH_UNITS, submitted)}</label></span>`;
    case 'frequencies':
      return html`${hidden('view')}
<label>count ${renderSelect('by', SIDES, submitted)}</label>
<label>distance ${number('distance', 1, 1, 5)}</label>
${renderCheckbox('fold_case', 'merge case', submitted)}`;
    case 'count':
      return hidden('view');
  }
}

function renderOption(value: string, label = value, isChosen = false): Html {
  // Without `value`, browsers would collapse spaces in the name.
  return html`<option value="${value}"${isChosen ? html` selected` : ''}>${label}</option>`;
}

/** The first value is the default. */
function renderSelect(name: string, labels: Record<string, string>, submitted: SubmittedFields): Html {
  const options = Object.entries(labels).map(([value, label]) => renderOption(value, label, value === submitted[name]));
  return html`<select name="${name}" data-default="${Object.keys(labels)[0] ?? ''}">${options}</select>`;
}

function renderCheckbox(name: string, label: string, submitted: SubmittedFields): Html {
  return html`<label class="check"><input type="checkbox" name="${name}" value="true"${submitted[name] === 'true' ? html` checked` : ''}> ${label}</label>`;
}

function textOf(submitted: SubmittedFields[string]): string {
  return typeof submitted === 'object' ? renderTermList(submitted) : (submitted ?? '');
}
