// The page for a failed request.
import { STATUS_CODES } from 'node:http';
import { routes } from '../routes.js';
import type { Assets } from './assets.js';
import { html } from './html.js';
import { renderPage, renderProblem } from './page.js';

export interface ErrorPage {
  status: number;
  problem: string;
  /** In seconds. */
  retryAfter: number | undefined;
  /** The id of the request. */
  id: string;
}

export function renderErrorPage(assets: Assets, { status, problem, retryAfter, id }: ErrorPage): string {
  const name = STATUS_CODES[status] ?? 'Error';
  const retry =
    retryAfter === undefined ? '' : ` Try again in ${retryAfter} ${retryAfter === 1 ? 'second' : 'seconds'}.`;
  return renderPage(assets, {
    title: `${name} – grepd`,
    body: html`<h1>This page can’t be shown</h1>
${renderProblem(`${problem}${retry}`)}
<p>Go to <a href="${routes.page.path}">the search page</a>, <a href="${routes.texts.path}">the texts</a>,
<a href="${routes.help.path}">the help</a> or <a href="${routes.instructions.path}">the API</a>.</p>
<p class="hint">${status} ${name}, request <code>${id}</code></p>`,
  });
}
