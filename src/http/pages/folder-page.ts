// Lists of texts: all dictionaries, or the files of a folder.
import type { Dictionary, ListedFile } from '../../search/engine.js';
import type { Assets } from './assets.js';
import { renderEncodingNote } from './encoding-warning.js';
import { html } from './html.js';
import { renderBytes, renderNumber } from './numbers.js';
import { renderPage } from './page.js';
import { renderPath } from './text-path.js';
import { renderUploadForm } from './upload-form.js';
import { textUrl } from './urls.js';

/** The maximum number of files on a page. */
const FILES_PER_PAGE = 500;

/** @param from the number of the first file to show, from 1 */
export function renderFolderPage(assets: Assets, name: string, files: readonly ListedFile[], from: number): string {
  const rows = files
    .slice(from - 1, from - 1 + FILES_PER_PAGE)
    .map(
      ({ file, bytes, warning }) =>
        html`<tr><td><a href="${textUrl(file)}">${file.slice(name.length + 1)}</a>${renderEncodingNote(warning)}</td><td>${renderBytes(bytes)}</td></tr>\n`,
    );
  const page = (rel: string, first: number, text: string) =>
    html`<a rel="${rel}" href="${textUrl(name)}?from=${first}">${text}</a>\n`;
  return renderPage(assets, {
    title: `${name} – grepd`,
    body: html`${renderPath(name, { isFolder: true })}
<p class="hint">${renderNumber(files.length)} ${files.length === 1 ? 'text' : 'texts'}</p>
<table><thead><tr><th>text</th><th>size</th></tr></thead><tbody>
${rows}</tbody></table>
<nav class="paging" aria-label="Paging">
${from === 1 ? '' : page('prev', Math.max(1, from - FILES_PER_PAGE), 'Previous texts')}${from + FILES_PER_PAGE > files.length ? '' : page('next', from + FILES_PER_PAGE, 'Next texts')}</nav>`,
  });
}

/** @param maxUploadBytes the maximum size of an upload, if uploads are on */
export function renderTextsPage(assets: Assets, dictionaries: Dictionary[], maxUploadBytes?: number): string {
  const rows = dictionaries.map(
    ({ name, files, bytes, modified, warning }) =>
      html`<tr><td><a href="${textUrl(name)}">${name}</a>${renderEncodingNote(warning)}</td><td>${renderNumber(files)}<span class="narrow-only"> ${files === 1 ? 'file' : 'files'}</span></td><td>${renderBytes(bytes)}</td><td><span class="narrow-only">changed </span><time datetime="${modified}">${modified.slice(0, 10)}</time></td></tr>\n`,
  );
  const table = html`<table><thead><tr><th>dictionary</th><th>files</th><th>size</th><th>changed</th></tr></thead><tbody>
${rows}</tbody></table>`;
  return renderPage(assets, {
    title: 'Texts – grepd',
    ...(maxUploadBytes !== undefined && { scripts: ['upload.js'] as const }),
    body: html`<h1>Texts</h1>
${maxUploadBytes === undefined ? '' : renderUploadForm(maxUploadBytes)}
<div id="texts">
${rows.length === 0 ? html`<p>There are no texts yet. Put text files into the dictionaries folder.</p>` : table}
</div>`,
  });
}
