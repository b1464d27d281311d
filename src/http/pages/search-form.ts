// The form of the search page.
import type { DictionaryList } from '../../search/engine.js';
import { DEFAULT_WIDTH } from '../api/search-queries.js';
import { routes } from '../routes.js';
import { type Html, html } from './html.js';
import { LIST_FIELDS, type SubmittedFields, type ViewName } from './page-fields.js';
import { renderRegexHelp } from './regex-help.js';
import { isAboutTerm, renderSearchProblem, type SearchProblem } from './search-problem.js';
import { fieldsOf, SHOWN_LABELS, type Shown, shownBy } from './show-field.js';
import { renderTermList } from './term-list.js';
import { chosenSelector, renderTextChooser } from './text-chooser.js';
import { randomUrl } from './urls.js';
import { nameOfSource } from './view-context.js';

const SYNTAXES = {
  literal: 'exact',
  word: 'whole word',
  regex: 'regular expression',
  phrase: 'phrase',
};
const SIDES = { '': 'matches', left: 'words on the left', right: 'words on the right' };
const WIDTH_UNITS = { characters: 'characters', words: 'words' };

export function renderForm(
  dictionaries: DictionaryList,
  submitted: SubmittedFields,
  view: ViewName,
  problem?: SearchProblem,
): Html {
  const isUnused = ['term', 'order', ...LIST_FIELDS].every((name) => submitted[name] === undefined);
  const selector = chosenSelector(dictionaries, submitted, isUnused);
  return html`<form id="search" action="${routes.page.path}" method="get" role="search">
<div class="query">
<label class="grow"><span class="visually-hidden">Search for</span>
<input type="search" name="term" value="${textOf(submitted.term)}" dir="auto" placeholder="Search for …"${isUnused ? html` autofocus` : ''} autocomplete="off" autocapitalize="off" spellcheck="false" aria-invalid="${String(isAboutTerm(problem))}" aria-describedby="term-problem"></label>
<button>Search</button>
<div id="term-problem">${isAboutTerm(problem) ? renderSearchProblem(problem) : ''}</div>
</div>
<a class="button" id="random" href="${randomUrl(selector)}">Random quote</a>
<details id="options"${submitted.texts === undefined ? '' : html` open`}><summary>Options <span id="chosen" class="hint">${renderChosen(selector, view, submitted)}</span></summary>
<div class="query-options">
${renderTextChooser(dictionaries, submitted, selector)}
<span class="pair"><label>Match ${renderSelect('syntax', SYNTAXES, submitted)}</label> ${renderRegexHelp(selector)}</span>
<label>Show ${renderShow(view, submitted)}</label>
<span id="view-options" data-shown="${shownBy(view, submitted)}">${renderViewOptions(view, submitted)}</span>
${renderCheckbox('ignore_case', 'Ignore case', submitted)}
${renderConditions(submitted)}
</div>
</details>
</form>`;
}

/** Summarizes the options: on a phone, they are folded. */
function renderChosen(selector: string | undefined, view: ViewName, submitted: SubmittedFields): Html {
  const syntax = Object.entries(SYNTAXES)
    .slice(1)
    .find(([name]) => name === submitted.syntax);
  const shown = shownBy(view, submitted);
  const chosen = [syntax?.[1] ?? '', shown === 'line' ? '' : SHOWN_LABELS[shown]];
  if (submitted.ignore_case === 'true') chosen.push('ignore case');
  if (hasConditions(submitted)) chosen.push('more conditions');
  const texts = chosen.filter((text) => text !== '').map((text) => `, ${text}`);
  return html`<bdi>${nameOfSource(selector ?? '')}</bdi>${texts}`;
}

function hasConditions(submitted: SubmittedFields): boolean {
  return [...LIST_FIELDS, 'ignore_marks', 'join_hyphens'].some((name) => submitted[name] !== undefined);
}

function renderConditions(submitted: SubmittedFields): Html {
  const text = (name: string, label: string, placeholder = '') =>
    html`<label>${label} <input type="text" name="${name}" value="${textOf(submitted[name])}" dir="auto" placeholder="${placeholder}" aria-describedby="conditions-hint" autocomplete="off" autocapitalize="off" spellcheck="false"></label>\n`;
  return html`<details id="conditions"${hasConditions(submitted) ? html` open` : ''}><summary>More conditions</summary>
<div class="conditions">
${text('all_of', 'Also')}${text('any_of', 'Any of')}${text('none_of', 'But not')}${text('files', 'Only in files', 'chapter-1*, !*.bak')}</div>
<p class="hint" id="conditions-hint">Separate values with commas. Put a value that contains a comma in double quotes.</p>
<div class="query-options">
${renderCheckbox('ignore_marks', 'Ignore accents', submitted)}
${renderCheckbox('join_hyphens', 'Join words hyphenated at line ends (phrases only)', submitted)}
</div>
</details>`;
}

/** Scripts set the fields of a choice themselves, so that addresses are the same as those of links. */
function renderShow(view: ViewName, submitted: SubmittedFields): Html {
  const current = shownBy(view, submitted);
  const choices: Shown[] = ['line', 'quote', 'kwic'];
  // The other views are tabs above the results.
  if (!choices.includes(current)) choices.push(current);
  const options = choices.map((shown) => {
    const data = Object.entries(fieldsOf(shown)).map(([name, value]) => html` data-${name}="${value}"`);
    return html`<option value="${shown}"${data}${shown === current ? html` selected` : ''}>${SHOWN_LABELS[shown]}</option>`;
  });
  return html`<select name="show">${options}</select>`;
}

/** The options that only this view has, and fields that the form keeps. */
function renderViewOptions(view: ViewName, submitted: SubmittedFields): Html {
  const hidden = (name: string) =>
    submitted[name] === undefined ? '' : html`<input type="hidden" name="${name}" value="${textOf(submitted[name])}">`;
  const number = (name: string, byDefault: number, min: number, max: number) =>
    html`<input type="number" name="${name}" data-default="${byDefault}" min="${min}" max="${max}" value="${textOf(submitted[name]) || byDefault}">`;
  const context = (name: string, label: string) =>
    html`<label><span class="visually-hidden">Context lines</span> ${label} ${number(name, 0, 0, 100)}</label>`;
  switch (view) {
    case 'list':
      return html`${hidden('unit')}<span class="pair"><span aria-hidden="true">Context lines</span> ${context('n_before', 'before')} ${context('n_after', 'after')}</span>`;
    case 'kwic':
      return html`${hidden('unit')}${hidden('order')}<span class="pair"><label>Context ${number('width', DEFAULT_WIDTH, 0, 1000)}</label>
<label><span class="visually-hidden">Unit of the context</span> ${renderSelect('width_unit', WIDTH_UNITS, submitted)}</label></span>`;
    case 'frequencies':
      return html`${hidden('unit')}<label>Count ${renderSelect('by', SIDES, submitted)}</label>
<label>Distance ${number('distance', 1, 1, 5)}</label>
${renderCheckbox('fold_case', 'Merge case', submitted)}`;
    case 'count':
      return html`${hidden('unit')}`;
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
