// Help for people who search. The API has its own instructions.
import { routes } from '../routes.js';
import type { Assets } from './assets.js';
import { type Html, html } from './html.js';
import { KEYS } from './keys-dialog.js';
import { renderPage } from './page.js';
import { regexPatterns } from './regex-patterns.js';

interface MatchKind {
  name: string;
  finds: string;
  /** The fields of a search. */
  example: Record<string, string>;
}

const MATCH_KINDS: MatchKind[] = [
  { name: 'exact', finds: 'the characters as you type them, also within words', example: { term: 'art' } },
  {
    name: 'whole word',
    finds: 'the same, but not within longer words: not “party”',
    example: { term: 'art', syntax: 'word' },
  },
  {
    name: 'regular expression',
    finds: 'a pattern: see below',
    example: { term: 'wh[ai]le', syntax: 'regex' },
  },
  {
    name: 'phrase',
    finds: 'several words in this order, even if a line ends between them',
    example: { term: 'mostly knaves, and soldiers mostly fools', syntax: 'phrase' },
  },
];

const VIEWS: [name: string, shows: string][] = [
  ['List', 'the lines or whole paragraphs that match, with the matches marked'],
  ['In context', 'one line for each match, with the matches below each other and the text on both sides'],
  ['Frequencies', 'how often each text occurs that a pattern matches, or each word beside it'],
  ['Counts', 'how many matches each file has, also per million words'],
];

export function renderHelpPage(assets: Assets): string {
  return renderPage(assets, {
    title: 'Help – grepd',
    body: html`<h1>Help</h1>
<p>Type a word on <a href="${routes.page.path}">the search page</a> and choose a text. Results appear as you type (with
JavaScript), and the address always describes what you see: you can bookmark it or send it to somebody.
<a href="${routes.texts.path}">Texts</a> lists the texts that you can search and read.</p>
<h2>What matches</h2>
${renderTable(
  ['match', 'finds', 'example'],
  MATCH_KINDS.map(({ name, finds, example }) => [name, finds, renderSearchLink(example.term ?? '', example)]),
)}
<p>Upper and lower case differ unless you check “ignore case”. Under “More conditions”, an entry can be required to
match several terms, one of them, or none, and accents can be ignored.</p>
<h2>Views</h2>
${renderTable(
  ['view', 'shows'],
  VIEWS.map(([name, shows]) => [name, shows]),
)}
<h2 id="regular-expressions">Regular expressions</h2>
<p>A regular expression is a pattern: most characters stand for themselves, and some have a meaning. grepd reads POSIX
extended regular expressions, as <code>grep -E</code> of GNU does.</p>
${renderTable(
  ['pattern', 'matches', 'example'],
  regexPatterns.map(({ pattern, matches, example }) => [
    renderSearchLink(pattern, { term: pattern, syntax: 'regex' }),
    matches,
    example,
  ]),
)}
<p>To find one of <code>. [ ( ) * + ? { | ^ $ \\</code> itself, put a <code>\\</code> before it.</p>
<h2>Keys</h2>
<p>With JavaScript, these keys work while you aren’t typing in a field:</p>
${renderTable(
  ['key', 'does'],
  KEYS.map(([keys, meaning]) => [html`${keys.map((key) => html`<kbd>${key}</kbd> `)}`, meaning]),
)}
<h2>Your own texts</h2>
<p>The operator of grepd can add texts: copy UTF-8 text files, or folders of them, into the folder
<code>dictionaries</code>. They appear within a few seconds; no restart is needed.</p>
<p>Programs use <a href="${routes.instructions.path}">the API</a>.</p>`,
  });
}

function renderSearchLink(text: string, fields: Record<string, string>): Html {
  return html`<a href="${routes.page.path}?${String(new URLSearchParams(fields))}"><code>${text}</code></a>`;
}

function renderTable(head: string[], rows: (string | Html)[][]): Html {
  return html`<table>
<thead><tr>${head.map((name) => html`<th>${name}</th>`)}</tr></thead>
<tbody>
${rows.map((cells) => html`<tr>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>\n`)}</tbody>
</table>`;
}
