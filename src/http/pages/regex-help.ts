// Help with regular expressions beside the search form. src/browser/regex-help.ts makes a click on
// a pattern put it into the form; without scripts, the links begin a search.

import { routes } from '../routes.js';
import { type Html, html } from './html.js';
import { regexPatterns } from './regex-patterns.js';

/** @param selector the dictionaries that the links search, as they are in the form */
export function renderRegexHelp(names: readonly string[]): Html {
  const dictionary = names.map((name) => ['dictionary', name]);
  const rows = regexPatterns.map(({ pattern, matches, example }) => {
    const query = new URLSearchParams([['term', pattern], ['syntax', 'regex'], ...dictionary]);
    return html`<tr><td><a href="${routes.page.path}?${String(query)}" data-pattern="${pattern}"><code>${pattern}</code></a></td><td>${matches}</td><td><q>${example}</q></td></tr>
`;
  });
  return html`<details id="regex-help"><summary>Patterns</summary>
<div class="panel">
<p class="hint">POSIX extended regular expressions, as <code>grep -E</code> reads them. Write \\ before a special character for the character itself.</p>
<table><thead><tr><th scope="col">Pattern</th><th scope="col">Finds</th><th scope="col">Example</th></tr></thead>
<tbody>
${rows}</tbody></table>
</div>
</details>`;
}
