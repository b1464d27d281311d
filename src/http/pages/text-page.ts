// A text to read, a piece at a time; and the folders in which texts are found.
import type { CountedFile, Dictionary } from '../../search/engine.js';
import { type Html, html } from '../html.js';
import { routes } from '../routes.js';
import { textAddress } from './addresses.js';
import type { Assets } from './assets.js';
import { renderBytes, renderNumber } from './numbers.js';
import { renderPage } from './page.js';

/** What a page shows of a text: so many lines, and so many of these before the one that was asked for. */
export const PAGE_LINES = 60;
export const LINES_BEFORE = 12;

export interface TextPage {
  /** The path of the file. */
  file: string;
  /** The number of the first line. */
  first: number;
  /** Its lines, `PAGE_LINES` at most. */
  texts: string[];
  /** How many lines the file has. */
  lines: number;
  /** The line that was asked for, where one was. */
  line: number | undefined;
  /** The files before and after it in its folder. */
  previous: string | undefined;
  next: string | undefined;
}

export function renderTextPage(assets: Assets, page: TextPage): string {
  const { file, first, texts, lines, line } = page;
  const last = first + texts.length - 1;
  const place =
    texts.length === 0 ? 'no lines' : `lines ${renderNumber(first)} to ${renderNumber(last)} of ${renderNumber(lines)}`;
  return renderPage(assets, {
    title: `${file} – grepd`,
    body: html`${renderPath(file)}
<p class="hint">${place}${line !== undefined && line > lines ? html`; there is no line ${renderNumber(line)}` : ''}</p>
${renderTextPaging(page, 'Paging')}
<ol class="lines" start="${first}">
${texts.map((text, at) => renderLine(file, first + at, text, line))}</ol>
${renderTextPaging(page, 'Paging, below the text')}`,
  });
}

function renderLine(file: string, number: number, text: string, line: number | undefined): Html {
  const current = number === line ? html` aria-current="true"` : '';
  return html`<li id="L${number}"${current}><a href="${textAddress(file, number)}" aria-label="Line ${number}">${number}</a><span>${text}</span></li>\n`;
}

/** To the lines before and after these, and to the files before and after this one. */
function renderTextPaging({ file, first, texts, lines, previous, next }: TextPage, label: string): Html {
  const last = first + texts.length - 1;
  const from = (line: number) => `${textAddress(file)}?from=${line}`;
  const before = first > 1 ? from(Math.max(1, first - PAGE_LINES)) : undefined;
  const after = last < lines ? from(last + 1) : undefined;
  const link = (to: string | undefined, rel: string, text: string) =>
    to === undefined ? '' : html`<a rel="${rel}" href="${to}">${text}</a>\n`;
  return html`<nav class="paging" aria-label="${label}">
${link(previous && textAddress(previous), 'prev', 'Previous text')}${link(before, 'prev', 'Previous lines')}${link(after, 'next', 'Next lines')}${link(next && textAddress(next), 'next', 'Next text')}</nav>`;
}

/** Where a text is: each folder above it, and a way to search it. */
function renderPath(name: string): Html {
  const parts = name.split('/');
  const links = parts
    .slice(0, -1)
    .map((part, at) => html`<a href="${textAddress(parts.slice(0, at + 1).join('/'))}">${part}</a> / `);
  const search = `${routes.page.path}?${new URLSearchParams({ dictionary: name })}`;
  return html`<h1><a href="${routes.texts.path}">Texts</a> / ${links}${parts.at(-1) ?? ''}</h1>
<p><a href="${search}">Search in it</a></p>`;
}

export function renderFolderPage(assets: Assets, name: string, files: CountedFile[]): string {
  const rows = files.map(
    ({ file, lines }) =>
      html`<tr><td><a href="${textAddress(file)}">${file.slice(name.length + 1)}</a></td><td>${renderNumber(lines)}</td></tr>\n`,
  );
  return renderPage(assets, {
    title: `${name} – grepd`,
    body: html`${renderPath(name)}
<table><thead><tr><th>text</th><th>lines</th></tr></thead><tbody>
${rows}</tbody></table>`,
  });
}

export function renderTextsPage(assets: Assets, dictionaries: Dictionary[]): string {
  const rows = dictionaries.map(
    ({ name, files, bytes, modified }) =>
      html`<tr><td><a href="${textAddress(name)}">${name}</a></td><td>${renderNumber(files)}</td><td>${renderBytes(bytes)}</td><td><time datetime="${modified}">${modified.slice(0, 10)}</time></td></tr>\n`,
  );
  const table = html`<table><thead><tr><th>dictionary</th><th>files</th><th>size</th><th>changed</th></tr></thead><tbody>
${rows}</tbody></table>`;
  return renderPage(assets, {
    title: 'Texts – grepd',
    body: html`<h1>Texts</h1>
${rows.length === 0 ? html`<p>There is no text yet: put text files into the dictionaries folder.</p>` : table}`,
  });
}
