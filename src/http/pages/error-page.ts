// The page for a failed request.
import { STATUS_CODES } from 'node:http';
import { routes } from '../routes.js';
import type { SpellingSuggestion } from '../spelling/spelling-suggestion.js';
import type { Assets } from './assets.js';
import { type Html, html } from './html.js';
import { renderPage, renderProblem } from './page.js';

/** A link to what the reader may have meant. */
export type Suggestion = Pick<SpellingSuggestion, 'name' | 'url'>;

export interface ErrorPage {
  status: number;
  problem: string;
  suggestion: Suggestion | undefined;
  /** In seconds. */
  retryAfter: number | undefined;
  /** The id of the request. */
  id: string;
}

export function renderErrorPage(assets: Assets, page: ErrorPage): string {
  const { status, problem, suggestion, retryAfter, id } = page;
  const name = STATUS_CODES[status] ?? 'Error';
  const retry =
    retryAfter === undefined ? '' : ` Try again in ${retryAfter} ${retryAfter === 1 ? 'second' : 'seconds'}.`;
  return renderPage(assets, {
    title: `${name} – grepd`,
    body: html`<h1>This page can’t be shown</h1>
${renderProblem(html`${problem}${suggestion === undefined ? '' : renderSuggestion(suggestion)}${retry}`)}
<form action="${routes.page.path}" role="search">
<div class="query">
<label class="grow"><span class="visually-hidden">Search for</span>
<input type="search" name="term" placeholder="Search for …" autocomplete="off" autocapitalize="off" spellcheck="false"></label>
<button>Search</button>
</div>
</form>
<p>Go to <a href="${routes.page.path}">the search page</a>, <a href="${routes.texts.path}">the texts</a>,
<a href="${routes.help.path}">the help</a> or <a href="${routes.instructions.path}">the API</a>.</p>
<p class="hint">${status} ${name}, request <code>${id}</code></p>`,
  });
}

/** Follows the sentence that says what doesn't exist. */
export function renderSuggestion({ name, url }: Suggestion): Html {
  return html` Did you mean <a href="${url}">${name}</a>?`;
}
