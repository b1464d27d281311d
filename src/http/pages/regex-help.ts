// Help with regular expressions beside the search form. The links search for a pattern;
// src/browser/regex-help.ts puts it into the form instead.
import { namesIn } from '../../search/dictionary-selector.js';
import { routes } from '../routes.js';
import { type Html, html } from './html.js';
import { type RegexPattern, regexPatterns } from './regex-patterns.js';

/** @param selector the dictionaries that the links search, as they are in the form */
export function renderRegexHelp(selector: string | undefined): Html {
  const names = selector === undefined ? [] : namesIn(selector);
  return html`<button type="button" class="help" popovertarget="regex-help">Patterns</button>
<div id="regex-help" popover role="dialog" aria-labelledby="regex-help-title">
<div class="head"><h2 id="regex-help-title">Patterns to start from</h2>
<button type="button" popovertarget="regex-help" popovertargetaction="hide" aria-label="Close">×</button></div>
<p class="hint">Regular expressions as <code>grep -E</code> reads them (POSIX ERE). Write <code>\\</code> before <code>. * + ? ( ) [ { | ^ $ \\</code> for the character itself.</p>
<dl>
${regexPatterns.map((pattern) => renderPattern(pattern, names))}</dl>
</div>`;
}

function renderPattern({ pattern, matches, example }: RegexPattern, names: readonly string[]): Html {
  const dictionaries = names.map((name) => ['dictionary', name]);
  const query = new URLSearchParams([['term', pattern], ['syntax', 'regex'], ...dictionaries]);
  const address = `${routes.page.path}?${String(query)}`;
  return html`<dt><a href="${address}"><code>${pattern}</code></a></dt><dd>${matches}, as in <q>${example}</q></dd>
`;
}
