// A page of a text, with its line numbers.

import type { Assets } from './assets.js';
import { renderEncodingWarning } from './encoding-warning.js';
import { MAX_EXCERPT_LENGTH } from './excerpt.js';
import { type Html, html } from './html.js';
import { renderMarked } from './marked-text.js';
import { renderNumber } from './numbers.js';
import { renderPage, renderProblem } from './page.js';
import { renderTextBar, type TextBar } from './text-bar.js';
import { renderPath, renderSearchLink } from './text-path.js';
import type { Neighbors, ShownLine } from './text-reader.js';
import { toSearch } from './text-search.js';
import { textUrl } from './urls.js';

export interface TextPage extends Neighbors {
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
  /** As in `ListedFile`. */
  warning: string | undefined;
  /** The search whose matches are marked, if the request has one. */
  found: FoundInText | undefined;
}

export interface FoundInText extends Omit<TextBar, 'file'> {
  /** Why the matches are not marked. */
  problem: string | undefined;
}

export function renderTextPage(assets: Assets, page: TextPage): string {
  const { file, first, shownLines, lineCount, line, warning, found } = page;
  const last = first + shownLines.length - 1;
  const range =
    shownLines.length === 0
      ? 'no lines'
      : `lines ${renderNumber(first)} to ${renderNumber(last)} of ${renderNumber(lineCount)}`;
  const fields = found?.search.parameters ?? [];
  return renderPage(assets, {
    title: `${file} – grepd`,
    styles: ['base.css', 'page.css', 'texts-page.css'],
    body: html`${renderPath(file)}
${found === undefined ? renderSearchLink(file, 'Search this text') : renderTextBar({ file, ...found })}
${found?.problem === undefined ? '' : renderProblem(`The matches are not marked. ${found.problem}`)}
${renderEncodingWarning(file, warning)}<p class="hint">${range}${line !== undefined && line > lineCount ? html`; there is no line ${renderNumber(line)}` : ''}</p>
${renderPaging(page, 'Paging')}
<form action="${textUrl(file)}" method="get"><label>Line <input type="number" name="line" min="1" max="${Math.max(1, lineCount)}" value="${line ?? first}"></label> <button>Go</button>${fields.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}</form>
<ol class="lines" start="${first}">
${shownLines.map((shown, index) => renderLine(page, first + index, shown))}</ol>
${renderPaging(page, 'Paging, below the text')}`,
  });
}

/** The query of the search, for links. */
function searchOf({ found }: TextPage): string {
  return found === undefined ? '' : toSearch(found.search);
}

/**
 * Links to the hidden parts of a long line. The requested line gets the focus, which scrolls it
 * into view even without a fragment in the URL.
 */
function renderLine(page: TextPage, number: number, { text, offset, length, matches }: ShownLine): Html {
  const { file, line } = page;
  const search = searchOf(page);
  const current = number === line ? html` aria-current="true" tabindex="-1" autofocus` : '';
  const part = (partOffset: number, label: string) =>
    html`<a href="${partUrl(file, number, partOffset, search)}" aria-label="${label}">…</a>`;
  const before = offset === 0 ? '' : part(Math.max(0, offset - MAX_EXCERPT_LENGTH), 'The part before');
  const after = offset + text.length >= length ? '' : part(offset + text.length, 'The part after');
  return html`<li id="L${number}"${current}><a href="${textUrl(file, number, 0, search)}" aria-label="Line ${number}">${number}</a><span dir="auto">${before}${renderMarked(text, matches)}${after}</span></li>\n`;
}

/** With a search, a line without `at` begins near its first match. */
function partUrl(file: string, line: number, offset: number, search: string): string {
  return textUrl(file, line, offset, offset === 0 && search !== '' ? `at=0&${search}` : search);
}

/** Links to the previous and next lines, and to the previous and next file. */
function renderPaging(page: TextPage, label: string): Html {
  const { file, first, shownLines, lineCount, linesPerPage, previous, next } = page;
  const search = searchOf(page);
  const last = first + shownLines.length - 1;
  const from = (line: number) => textUrl(file, undefined, 0, `from=${line}${search === '' ? '' : `&${search}`}`);
  const before = first > 1 ? from(Math.max(1, first - linesPerPage)) : undefined;
  const after = last < lineCount ? from(last + 1) : undefined;
  const text = (name: string | undefined) => name && textUrl(name, undefined, 0, search);
  const link = (to: string | undefined, rel: string, label: string) =>
    to === undefined ? '' : html`<a rel="${rel}" href="${to}">${label}</a>\n`;
  return html`<nav class="paging" aria-label="${label}">
${link(text(previous), 'prev', 'Previous text')}${link(before, 'prev', 'Previous lines')}${link(after, 'next', 'Next lines')}${link(text(next), 'next', 'Next text')}</nav>`;
}
