// The choice of texts in the search form: a list of options, or checkboxes if there are many texts
// or several are chosen. Works without scripts; src/browser/text-chooser.ts filters while typing.
import Joi from 'joi';
import { field } from '../../config/field-table.js';
import { ALL_DICTIONARIES, namesIn, selectorOf } from '../../search/dictionary-selector.js';
import type { DictionaryList } from '../../search/engine.js';
import { createNameFilter } from '../api/name-filter.js';
import { routes } from '../routes.js';
import { type Html, html } from './html.js';
import { renderNumber } from './numbers.js';
import type { SubmittedFields } from './page-fields.js';
import { nameOfSource } from './view-context.js';

/** A parameter of the page, but not of the query: links omit it. */
export const textsField = field<string | undefined>({
  schema: Joi.string(),
  expected: 'a string',
  description: 'shows the texts to choose from in the form: those to whose names this filter applies; `*` shows all',
});

/** How many texts are listed. More of them are found by a filter. */
export const MAX_LISTED = 30;

/**
 * Returns the selector that the form shows: as submitted, or that of the request. A form that is
 * not in use begins with all texts.
 */
export function chosenSelector(
  { dictionaries, default: byDefault }: DictionaryList,
  submitted: SubmittedFields,
  isUnused: boolean,
): string | undefined {
  const names = [submitted.dictionary ?? []].flat();
  if (names.length > 0) return selectorOf(names);
  return isUnused && dictionaries.length > 1 ? ALL_DICTIONARIES : byDefault;
}

/** @param selector as `chosenSelector` returns it */
export function renderTextChooser(
  { dictionaries }: DictionaryList,
  submitted: SubmittedFields,
  selector: string | undefined,
): Html {
  const chosen = selector === undefined ? [] : namesIn(selector);
  const needsList = chosen.length > 1 || submitted.texts !== undefined || dictionaries.length > MAX_LISTED;
  const names = dictionaries.map(({ name }) => name);
  return html`<div id="text-chooser">${needsList ? renderList(names, chosen, submitted) : renderSelect(names, chosen, submitted)}</div>`;
}

function renderSelect(names: readonly string[], chosen: readonly string[], submitted: SubmittedFields): Html {
  const all = names.length === 1 ? [] : [renderOption(ALL_DICTIONARIES, 'All texts', chosen)];
  // A file in a folder can also be searched, but isn't in the list.
  const others = chosen.filter((name) => name !== ALL_DICTIONARIES && !names.includes(name));
  const options = [...all, ...[...others, ...names].map((name) => renderOption(name, name, chosen))];
  const fields = Object.entries({ ...submitted, texts: '*' }).flatMap(([name, value = '']) =>
    [value].flat().map((each) => [name, each]),
  );
  const link = html` <a class="several" href="${routes.page.path}?${String(new URLSearchParams(fields))}">Several …</a>`;
  return html`<label>Text <select name="dictionary">${options}</select></label>${names.length > 1 ? link : ''}`;
}

function renderOption(value: string, label: string, chosen: readonly string[]): Html {
  // Without `value`, browsers would collapse spaces in the name.
  return html`<option value="${value}" dir="auto"${chosen.includes(value) ? html` selected` : ''}>${label}</option>`;
}

/** Lists the chosen texts first, then others that match the filter. */
function renderList(names: readonly string[], chosen: readonly string[], { texts }: SubmittedFields): Html {
  const filter = typeof texts === 'string' && texts !== ALL_DICTIONARIES ? texts : '';
  const matches = createNameFilter(filter);
  const chosenNames = chosen.filter((name) => name !== ALL_DICTIONARIES);
  const matching = names.filter((name) => matches(name) && !chosenNames.includes(name));
  const listed = matching.slice(0, MAX_LISTED);
  const checkbox = (name: string, label: string) =>
    html`<label class="check"><input type="checkbox" name="dictionary" value="${name}"${chosen.includes(name) ? html` checked` : ''}> <bdi>${label}</bdi></label>\n`;
  const more = matching.length - listed.length;
  return html`<details id="texts"${texts === undefined ? '' : html` open`}>
<summary><span>Text</span> <b dir="auto">${capitalize(nameOfSource(selectorOf(chosen)))}</b></summary>
<div class="panel">
<p class="query"><label class="grow"><span class="visually-hidden">Filter the texts</span> <input type="search" name="texts" value="${filter}" placeholder="Filter ${renderNumber(names.length)} texts" autocomplete="off" autocapitalize="off" spellcheck="false"></label> <button class="no-js">Filter</button></p>
<fieldset><legend class="visually-hidden">Texts to search</legend>
${checkbox(ALL_DICTIONARIES, 'All texts')}${chosenNames.map((name) => checkbox(name, name))}${listed.map((name) => checkbox(name, name))}</fieldset>
<p class="hint" role="status">${more > 0 ? `${renderNumber(more)} more: use the filter.` : listed.length === 0 ? 'No other text matches.' : ''}</p>
</div>
</details>`;
}

function capitalize(text: string): string {
  return text === 'all texts' ? 'All texts' : text;
}
