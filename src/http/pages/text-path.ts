// The breadcrumbs of a text or a folder.
import { routes } from '../routes.js';
import { type Html, html } from './html.js';
import { textUrl } from './urls.js';

/** Links to the parent folders. */
export function renderPath(name: string): Html {
  const parts = name.split('/');
  const parents = parts
    .slice(0, -1)
    .map((part, index) => html`<a href="${textUrl(parts.slice(0, index + 1).join('/'))}" dir="auto">${part}</a> / `);
  return html`<h1><a href="${routes.texts.path}">Texts</a> / ${parents}<bdi>${parts.at(-1) ?? ''}</bdi></h1>`;
}

/** Links to a search in this text or folder. */
export function renderSearchLink(name: string, label: string): Html {
  const search = `${routes.page.path}?${new URLSearchParams({ dictionary: name })}`;
  return html`<p><a href="${search}">${label}</a></p>`;
}
