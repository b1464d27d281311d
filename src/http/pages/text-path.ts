// Where a text, or a folder of texts, is.

import { routes } from '../routes.js';
import { textAddress } from './addresses.js';
import { type Html, html } from './html.js';

/** The folders above it, each a link, and a way to search it. */
export function renderPath(name: string): Html {
  const parts = name.split('/');
  const above = parts
    .slice(0, -1)
    .map((part, at) => html`<a href="${textAddress(parts.slice(0, at + 1).join('/'))}">${part}</a> / `);
  const search = `${routes.page.path}?${new URLSearchParams({ dictionary: name })}`;
  return html`<h1><a href="${routes.texts.path}">Texts</a> / ${above}${parts.at(-1) ?? ''}</h1>
<p><a href="${search}">Search in it</a></p>`;
}
