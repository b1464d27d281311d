// The breadcrumbs of a text or a folder.
import { routes } from '../routes.js';
import { type Html, html } from './html.js';
import { textUrl } from './urls.js';

/** Links to the parent folders, and to a search in this text or folder. */
export function renderPath(name: string, { isFolder }: { isFolder: boolean }): Html {
  const parts = name.split('/');
  const parents = parts
    .slice(0, -1)
    .map((part, index) => html`<a href="${textUrl(parts.slice(0, index + 1).join('/'))}">${part}</a> / `);
  const search = `${routes.page.path}?${new URLSearchParams({ dictionary: name })}`;
  return html`<h1><a href="${routes.texts.path}">Texts</a> / ${parents}${parts.at(-1) ?? ''}</h1>
<p><a href="${search}">${isFolder ? 'Search these texts' : 'Search this text'}</a></p>`;
}
