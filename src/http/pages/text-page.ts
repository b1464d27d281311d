// A page of a text, with its line numbers.

import type { Assets } from './assets.js';
import { MAX_EXCERPT_LENGTH } from './excerpt.js';
import { type Html, html } from './html.js';
import { renderNumber } from './numbers.js';
import { renderPage } from './page.js';
import { renderPath, renderSearchLink } from './text-path.js';
import { textUrl } from './urls.js';

export interface ShownLine {
  /** The shown part of the line. */
  text: string;
  /** The offset of that part in the line. */
  offset: number;
  /** The length of the whole line, in UTF-16 code units. */
  length: number;
}

export interface TextPage {
  /** The path of the file. */
  file: string;
  /** The number of the first line on the page. */
  first: number;
  shownLines: ShownLine[];
  /** The number of lines in the file. */
  lineCount: number;
  linesPerPage: number;
  /** The requested line, if the request names one. */
  line: number | undefined;
  /** The neighbors of the file in its dictionary. */
  previous: string | undefined;
  next: string | undefined;
}

export function renderTextPage(assets: Assets, page: TextPage): string {
  const { file, first, shownLines, lineCount, line } = page;
  const last = first + shownLines.length - 1;
  const range =
    shownLines.length === 0
      ? 'no lines'
      : `lines ${renderNumber(first)} to ${renderNumber(last)} of ${renderNumber(lineCount)}`;
  return renderPage(assets, {
    title: `${file} – grepd`,
    body: html`${renderPath(file)}
${renderSearchLink(file, 'Search this text')}
<p class="hint">${range}${line !== undefined && line > lineCount ? html`; there is no line ${renderNumber(line)}` : ''}</p>
${renderPaging(page, 'Paging')}
<form action="${textUrl(file)}" method="get"><label>Line <input type="number" name="line" min="1" max="${Math.max(1, lineCount)}" value="${line ?? first}"></label> <button>Go</button></form>
<ol class="lines" start="${first}">
${shownLines.map((shown, index) => renderLine(file, first + index, shown, line))}</ol>
${renderPaging(page, 'Paging, below the text')}`,
  });
}

/**
 * Links to the hidden parts of a long line. The requested line gets the focus, which scrolls it
 * into view even without a fragment in the URL.
 */
function renderLine(file: string, number: number, { text, offset, length }: ShownLine, line: number | undefined): Html {
  const current = number === line ? html` aria-current="true" tabindex="-1" autofocus` : '';
  const part = (partOffset: number, label: string) =>
    html`<a href="${textUrl(file, number, partOffset)}" aria-label="${label}">…</a>`;
  const before = offset === 0 ? '' : part(Math.max(0, offset - MAX_EXCERPT_LENGTH), 'The part before');
  const after = offset + text.length >= length ? '' : part(offset + text.length, 'The part after');
  return html`<li id="L${number}"${current}><a href="${textUrl(file, number)}" aria-label="Line ${number}">${number}</a><span dir="auto">${before}${text}${after}</span></li>\n`;
}

/** Links to the previous and next lines, and to the previous and next file. */
function renderPaging(
  { file, first, shownLines, lineCount, linesPerPage, previous, next }: TextPage,
  label: string,
): Html {
  const last = first + shownLines.length - 1;
  const from = (line: number) => `${textUrl(file)}?from=${line}`;
  const before = first > 1 ? from(Math.max(1, first - linesPerPage)) : undefined;
  const after = last < lineCount ? from(last + 1) : undefined;
  const link = (to: string | undefined, rel: string, text: string) =>
    to === undefined ? '' : html`<a rel="${rel}" href="${to}">${text}</a>\n`;
  return html`<nav class="paging" aria-label="${label}">
${link(previous && textUrl(previous), 'prev', 'Previous text')}${link(before, 'prev', 'Previous lines')}${link(after, 'next', 'Next lines')}${link(next && textUrl(next), 'next', 'Next text')}</nav>`;
}
