// The keys of the search page, in a dialog that a script opens.
import { type Html, html } from './html.js';

export const KEYS: [keys: string[], meaning: string][] = [
  [['/'], 'go to the search field'],
  [['j', 'k'], 'go to the next or the previous result'],
  [['Enter'], 'open the result'],
  [['↑', '↓', '←', '→'], 'move through the plot'],
  [['?'], 'show these keys'],
];

export function renderKeys(): Html {
  const rows = KEYS.map(
    ([keys, meaning]) => html`<dt>${keys.map((key) => html`<kbd>${key}</kbd> `)}</dt><dd>${meaning}</dd>\n`,
  );
  return html`<p class="hint"><button type="button" class="js-only" id="show-keys">Keyboard shortcuts</button></p>
<dialog id="keys" aria-labelledby="keys-title">
<h2 id="keys-title">Keyboard shortcuts</h2>
<dl>
${rows}</dl>
<p><label><input type="checkbox" id="keys-enabled" checked> Use single-character shortcuts</label></p>
<form method="dialog"><button>Close</button></form>
</dialog>`;
}
