// The instructions that every error points to, from the tables of actions, routes and errors.
import { defaultOf } from '../../config/field-table.js';
import { errorKinds } from '../../errors.js';
import type { Action, Actions } from '../api/actions.js';
import { curl } from '../api/curl.js';
import { PROBLEM_TYPE } from '../problem-details.js';
import { API_ROUTE, MCP_ROUTE, routeNames, routes, TEXTS_ROUTE } from '../routes.js';
import type { Assets } from './assets.js';
import { type Html, html, renderText } from './html.js';
import { renderPage } from './page.js';

export interface InstructionsPage {
  actions: Actions;
  waitRoute: boolean;
  /** Whether `POST /mcp` is served. */
  mcp: boolean;
  /** Set if texts can be added and removed. */
  uploads: object | undefined;
  /** The origin for the examples: `http://127.0.0.1:3000`. */
  origin: string;
}

export function renderInstructions(
  assets: Assets,
  { actions, waitRoute, mcp, uploads, origin }: InstructionsPage,
): string {
  return renderPage(assets, {
    title: 'API – grepd',
    body: html`<h1>API: instructions</h1>
<ul>
<li><a href="${routes.docs.path}">The API reference</a>: try requests in the browser</li>
<li><a href="${routes.openapi.path}">The OpenAPI document</a>: for tools and generated clients</li>
</ul>
<p>grepd searches text files with <code>grep</code>. Send a JSON object to <code>POST ${API_ROUTE}</code> with
<code>Content-Type: application/json</code>, or try it on <a href="/">the search page</a>.
<a href="${routes.dictionaries.path}">${routes.dictionaries.path}</a> lists the dictionaries.</p>
<p>The examples use the bundled dictionaries.</p>
<p>The answer contains <code>"nr of entries"</code>, the number of matching entries in the whole dictionary, and
<code>"results"</code>, the entries. If an answer is incomplete, <code>"truncated"</code> says why. With
<code>Accept: application/x-ndjson</code>, each line is one entry, and the last line has the count. Results that are
objects are also available as <code>text/csv</code> and <code>text/tab-separated-values</code>, with the count in the
header <code>Grepd-Entries</code>.</p>
<p><code>GET ${routes.search.path}?term=love</code> answers a search in the URL, with the same fields.</p>
${mcp ? renderMcp(origin) : ''}${Object.entries(actions).map(([name, action]) => renderAction(name, action, origin))}
<h2>Other routes</h2>
<table class="routes">
<thead><tr><th>GET</th><th>returns</th></tr></thead>
${routeNames({ waitRoute })
  .map((name) => routes[name])
  .map(
    ({ path, description }) => html`<tr><td><a href="${path}">${path}</a></td><td>${renderText(description)}</td></tr>`,
  )}
</table>
${uploads === undefined ? '' : renderUploads(origin)}<h2>Errors</h2>
<p>An error is a JSON object with <code>"Code"</code>, the HTTP status, and <code>"message"</code>. With
<code>Accept: ${PROBLEM_TYPE}</code>, it is a problem (RFC 9457) with a <code>"code"</code> of this table, which
doesn’t change between versions.</p>
<table>
<thead><tr><th>Code</th><th>code of a problem</th><th>when</th></tr></thead>
${Object.entries(errorKinds).map(
  ([code, { status, when }]) =>
    html`<tr id="${code}"><td>${status}</td><td><code>${code}</code></td><td>${renderText(when)}</td></tr>`,
)}
</table>`,
  });
}

function renderMcp(origin: string): Html {
  return html`<p>Language models and their clients can search over the Model Context Protocol at
<code>${origin}${MCP_ROUTE}</code>.</p>
`;
}

function renderUploads(origin: string): Html {
  const url = `${origin}${TEXTS_ROUTE}/quotes.txt`;
  return html`<h2>Adding and removing texts</h2>
<p><code>PUT ${TEXTS_ROUTE}/…</code> with a name adds the body as a text. It replaces a text only with
<code>If-Match: *</code> or <code>?replace=true</code>. <code>DELETE</code> removes a text. In a browser, drop files onto
<a href="${routes.texts.path}">the list of texts</a>.</p>
<pre>curl -T quotes.txt '${url}'
curl -X DELETE '${url}'</pre>
`;
}

function renderAction(name: string, { summary, fields, example }: Action, origin: string): Html {
  const rows = Object.entries(fields).map(([name, field]) => {
    const defaultText = defaultOf(field).replaceAll('`', '');
    return html`<tr><td><code>${name}</code></td><td>${renderText(field.expected)}</td><td>${defaultText}</td><td>${renderText(field.description)}</td></tr>`;
  });
  return html`<h2>${name}</h2>
<p>${renderText(summary)}</p>
<table class="fields">
<thead><tr><th>field</th><th>type</th><th>default</th><th>meaning</th></tr></thead>
<tr><td><code>action</code></td><td><code>"${name}"</code></td><td>required</td><td>what to do</td></tr>
${rows}
</table>
<pre>${curl(example.request, origin)}</pre>
<pre>${JSON.stringify(example.answer, undefined, 2)}</pre>`;
}
