// The layout of all pages.
import { API_ROUTE, routes } from '../routes.js';
import type { AssetName, Assets } from './assets.js';
import { type Html, html } from './html.js';
import { OPENSEARCH_TYPE } from './opensearch.js';

export interface Page {
  title: string;
  body: Html;
  styles?: readonly AssetName[];
  /** Whether the body contains its own main element. */
  hasMain?: boolean;
  /** Where the first link goes, which skips the header. */
  skipTo?: { selector: `#${string}`; label: string };
  /** Modules in src/browser. */
  scripts?: readonly AssetName[];
  /** Scripts that define globals for the modules. */
  libraries?: AssetName[];
}

export function renderPage(
  assets: Assets,
  {
    title,
    body,
    styles = ['base.css', 'page.css'],
    scripts = [],
    libraries = [],
    hasMain = false,
    skipTo = { selector: '#content', label: 'Skip to the content' },
  }: Page,
): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="${assets['icon.svg'].path}" type="image/svg+xml">
<link rel="search" href="${routes.opensearch.path}" type="${OPENSEARCH_TYPE}" title="grepd">
<script src="${assets['theme.js'].path}"></script>
${styles.map((name) => html`<link rel="stylesheet" href="${assets[name].path}">\n`)}${libraries.map(
  (name) => html`<script src="${assets[name].path}" defer></script>
`,
)}${scripts.map(
  (name) => html`<script src="${assets[name].path}" type="module"></script>
`,
)}</head>
<body>
<a class="skip" href="${skipTo.selector}">${skipTo.label}</a>
<header class="top">
<a class="name" href="${routes.page.path}"><img src="${assets['icon.svg'].path}" alt="" width="24" height="24"> grepd</a>
<nav aria-label="Pages">
<a href="${routes.texts.path}">Texts</a>
<a href="${routes.help.path}">Help</a>
<a href="${routes.instructions.path}">API</a>
<a href="${routes.status.path}">Status</a>
<button type="button" id="theme"><span class="label">Theme: </span><span class="system">Auto</span><span class="light">Light</span><span class="dark">Dark</span></button>
</nav>
</header>
${
  hasMain
    ? body
    : html`<main>
<span id="content" tabindex="-1"></span>
${body}
</main>`
}
<footer><p>Programs can use the same service through <code>POST ${API_ROUTE}</code>: see <a href="${routes.instructions.path}">the API</a>.</p></footer>
</body>
</html>
`.text;
}

/** An error message, announced by screen readers. */
export function renderProblem(problem: Html | string): Html {
  return html`<p class="problem" role="alert">${problem}</p>`;
}
