// Lists of texts: all dictionaries, or the files of a folder.
import type { Dictionary, ListedFile } from '../../search/engine.js';
import { routes } from '../routes.js';
import type { Assets } from './assets.js';
import { renderEncodingNote } from './encoding-warning.js';
import { html } from './html.js';
import { renderBytes, renderNumber } from './numbers.js';
import { renderPage } from './page.js';
import { renderTextList, type TextList } from './text-list.js';
import { renderPath, renderSearchLink } from './text-path.js';
import { renderUploadForm } from './upload-form.js';
import { textUrl } from './urls.js';

const styles = ['base.css', 'page.css', 'texts-page.css'] as const;

export function renderFolderPage(assets: Assets, name: string, list: TextList<ListedFile>): string {
  const rows = list.items.map(
    ({ file, bytes, warning }) =>
      html`<tr><td><a href="${textUrl(file)}" dir="auto">${file.slice(name.length + 1)}</a>${renderEncodingNote(warning)}</td><td>${renderBytes(bytes)}</td></tr>\n`,
  );
  const table = html`<table><thead><tr><th>text</th><th>size</th></tr></thead><tbody>
${rows}</tbody></table>`;
  return renderPage(assets, {
    title: `${name} – grepd`,
    styles,
    body: html`${renderPath(name)}
${renderSearchLink(name, 'Search these texts')}
${renderTextList(list, textUrl(name), table)}`,
  });
}

/** @param maxUploadBytes the maximum size of an upload, if uploads are on */
export function renderTextsPage(assets: Assets, list: TextList<Dictionary>, maxUploadBytes?: number): string {
  const rows = list.items.map(
    ({ name, files, bytes, modified, warning }) =>
      html`<tr><td><a href="${textUrl(name)}" dir="auto">${name}</a>${renderEncodingNote(warning)}</td><td>${renderNumber(files)}<span class="narrow-only"> ${files === 1 ? 'file' : 'files'}</span></td><td>${renderBytes(bytes)}</td><td><span class="narrow-only">changed </span><time datetime="${modified}">${modified.slice(0, 10)}</time></td></tr>\n`,
  );
  const table = html`<table><thead><tr><th>dictionary</th><th>files</th><th>size</th><th>changed</th></tr></thead><tbody>
${rows}</tbody></table>`;
  const isEmpty = list.nrOfTexts === 0;
  return renderPage(assets, {
    title: 'Texts – grepd',
    styles,
    ...(maxUploadBytes !== undefined && { scripts: ['upload.js'] as const }),
    body: html`<h1>Texts</h1>
${maxUploadBytes === undefined ? '' : renderUploadForm(maxUploadBytes)}
<div id="texts">
${isEmpty ? html`<p>There are no texts yet. Put text files into the dictionaries folder.</p>` : renderTextList(list, routes.texts.path, table)}
</div>`,
  });
}
