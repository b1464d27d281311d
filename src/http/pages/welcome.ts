// What the search page shows without a term: examples, and the texts.
import { ALL_DICTIONARIES } from '../../search/dictionary-selector.js';
import type { Dictionary, DictionaryList } from '../../search/engine.js';
import { routes } from '../routes.js';
import type { Example } from './examples.js';
import { type Html, html } from './html.js';
import { renderBytes, renderNumber } from './numbers.js';
import { randomUrl, textUrl } from './urls.js';

const MAX_TEXTS = 30;

const HOW_TO_ADD = html`To search your own texts, put files or folders of files into the dictionaries folder. They appear
here within a second.`;

export function renderWelcome({ dictionaries }: DictionaryList, examples: Example[]): Html {
  if (dictionaries.length === 0) return html`<p>There are no texts to search yet. ${HOW_TO_ADD}</p>`;
  const texts = dictionaries.length === 1 ? 'a text' : `${renderNumber(dictionaries.length)} texts`;
  return html`<div class="welcome">
<p class="hint">Type a word to search ${texts},
<a href="${routes.texts.path}">read them</a>, or get <a href="${randomUrl(ALL_DICTIONARIES)}">a quote at random</a>.</p>
${examples.length === 0 ? '' : html`<h2>Examples</h2>\n<ul class="examples">${examples.map(renderExample)}</ul>`}
<h2>Texts</h2>
<ul class="texts">
${dictionaries.slice(0, MAX_TEXTS).map(renderText)}</ul>
${dictionaries.length > MAX_TEXTS ? html`<p><a href="${routes.texts.path}">All ${renderNumber(dictionaries.length)} texts</a></p>` : ''}
<p class="hint">${HOW_TO_ADD}</p>
</div>`;
}

function renderExample({ dictionary, kind, word }: Example): Html {
  const shown = html`<b dir="auto">${word}</b>`;
  const inText = html`in <bdi>${dictionary}</bdi>`;
  const link = (query: Record<string, string>, label: Html) =>
    html`<li><a href="${routes.page.path}?${String(new URLSearchParams({ ...query, dictionary }))}">${label}</a></li>\n`;
  switch (kind) {
    case 'word':
      return link({ term: word }, html`${shown} ${inText}`);
    case 'kwic':
      return link({ term: word, view: 'kwic' }, html`${shown} in context, ${inText}`);
    case 'prefix': {
      // In some locales, only ASCII letters can begin a word.
      const term = `${/^[a-z]/i.test(word) ? '\\<' : ''}${word}[[:alpha:]]*`;
      return link({ term, syntax: 'regex', view: 'frequencies' }, html`words with ${shown} … ${inText}`);
    }
  }
}

function renderText({ name, files, bytes }: Dictionary): Html {
  const size = `${files === 1 ? '' : `${renderNumber(files)} files, `}${renderBytes(bytes)}`;
  return html`<li><a href="${textUrl(name)}" dir="auto">${name}</a> <span class="hint">${size}</span></li>\n`;
}
