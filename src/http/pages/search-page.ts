// The page people search with: a form, and what was found.
import type { DictionaryList, Summary, Truncation } from '../search/engine.js';
import { type Html, html } from './html.js';
import { renderPage } from './page.js';
import { routes } from './routes.js';

export interface SearchPage {
  dictionaries: DictionaryList;
  /** What the form shows again: the fields as they came. */
  given: Record<string, string | undefined>;
  found?: Summary & { entries: string[] };
  problem?: string;
}

export function renderSearchPage({ dictionaries, given, found, problem }: SearchPage): string {
  const chosen = given.dictionary ?? dictionaries.default;
  const listed = dictionaries.dictionaries.map(({ name }) => name);
  // A file in a folder can be searched too, and is not in the list.
  const names = chosen === undefined || listed.includes(chosen) ? listed : [chosen, ...listed];
  const options = names.map((name) => html`<option${name === chosen ? html` selected` : ''}>${name}</option>`);
  return renderPage(
    'grepd',
    html`<h1>grepd</h1>
<form action="/" method="get" role="search">
<label class="wide">Search for <input type="search" name="term" value="${given.term ?? ''}" required autofocus></label>
<label>in <select name="dictionary">${options}</select></label>
<label>lines before <input type="number" name="n_before" min="0" max="100" value="${given.n_before ?? '0'}"></label>
<label>lines after <input type="number" name="n_after" min="0" max="100" value="${given.n_after ?? '0'}"></label>
<button>Search</button>
</form>
${problem === undefined ? '' : html`<p class="problem" role="alert">${problem}</p>`}
${found === undefined ? '' : renderFound(found)}
<footer><p>For programs: <a href="${routes.instructions.path}">the JSON API</a>.</p></footer>`,
  );
}

const WHY_TRUNCATED: Record<Truncation, string> = {
  line_length: 'Some entries are longer than they may be, and were cut.',
  dictionary_changed: 'The dictionary was changed while it was searched: these entries may be from before and after.',
  unreadable_folder: 'A folder within may not be read.',
};

function renderFound({ nrOfEntries, entries, truncated }: Summary & { entries: string[] }): Html {
  const warning = truncated === undefined ? '' : html`<p class="problem" role="alert">${WHY_TRUNCATED[truncated]}</p>`;
  if (nrOfEntries === 0) return html`<p role="status">Nothing found.</p>${warning}`;
  const shown = entries.length < nrOfEntries ? `, of which these are the first ${entries.length}` : '';
  return html`<p role="status">${nrOfEntries} ${nrOfEntries === 1 ? 'entry' : 'entries'}${shown}:</p>
${warning}
<ol>${entries.map((entry) => html`<li><pre>${entry}</pre></li>`)}</ol>`;
}
