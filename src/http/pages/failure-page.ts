// What is shown where a page can't be.
import { html } from '../html.js';
import { routes } from '../routes.js';
import type { Assets } from './assets.js';
import { renderPage, renderProblem } from './page.js';

export function renderFailurePage(assets: Assets, problem: string): string {
  return renderPage(assets, {
    title: 'grepd',
    body: html`<h1>That can not be shown</h1>
${renderProblem(problem)}
<p><a href="${routes.page.path}">Search</a>, or <a href="${routes.texts.path}">all texts</a></p>`,
  });
}
