// A text to read, a piece at a time.

import { textAddress } from './addresses.js';
import type { Assets } from './assets.js';
import { SHOWN_LENGTH } from './excerpt.js';
import { type Html, html } from './html.js';
import { renderNumber } from './numbers.js';
import { renderPage } from './page.js';
import { renderPath } from './text-path.js';

export interface ShownLine {
  /** As much of it as is shown. */
  text: string;
  /** Where in the line that begins. */
  at: number;
  /** How long the line is, in UTF-16 code units. */
  length: number;
}

export interface TextPage {
  /** The path of the file. */
  file: string;
  /** The number of the first line. */
  first: number;
  shown: ShownLine[];
  /** How many lines the file has. */
  lines: number;
  /** How many lines a page has. */
  pageLines: number;
  /** The line that was asked for, where one was. */
  line: number | undefined;
  /** The files before and after it in its dictionary. */
  previous: string | undefined;
  next: string | undefined;
}

export function renderTextPage(assets: Assets, page: TextPage): string {
  const { file, first, shown, lines, line } = page;
  const last = first + shown.length - 1;
  const place =
    shown.length === 0 ? 'no lines' : `lines ${renderNumber(first)} to ${renderNumber(last)} of ${renderNumber(lines)}`;
  return renderPage(assets, {
    title: `${file} – grepd`,
    body: html`${renderPath(file)}
<p class="hint">${place}${line !== undefined && line > lines ? html`; there is no line ${renderNumber(line)}` : ''}</p>
${renderPaging(page, 'Paging')}
<form action="${textAddress(file)}" method="get"><label>Line <input type="number" name="line" min="1" max="${Math.max(1, lines)}" value="${line ?? first}"></label> <button>Go</button></form>
<ol class="lines" start="${first}">
${shown.map((text, at) => renderLine(file, first + at, text, line))}</ol>
${renderPaging(page, 'Paging, below the text')}`,
  });
}

/** The parts of a long line that are not shown are a link away. The current line is focused, and so in sight, also where no fragment of the address names it. */
function renderLine(file: string, number: number, { text, at, length }: ShownLine, line: number | undefined): Html {
  const current = number === line ? html` aria-current="true" tabindex="-1" autofocus` : '';
  const part = (from: number, label: string) =>
    html`<a href="${textAddress(file, number, from)}" aria-label="${label}">…</a>`;
  const before = at === 0 ? '' : part(Math.max(0, at - SHOWN_LENGTH), 'The part before');
  const after = at + text.length >= length ? '' : part(at + text.length, 'The part after');
  return html`<li id="L${number}"${current}><a href="${textAddress(file, number)}" aria-label="Line ${number}">${number}</a><span>${before}${text}${after}</span></li>\n`;
}

/** To the lines before and after these, and to the files before and after this one. */
function renderPaging({ file, first, shown, lines, pageLines, previous, next }: TextPage, label: string): Html {
  const last = first + shown.length - 1;
  const from = (line: number) => `${textAddress(file)}?from=${line}`;
  const before = first > 1 ? from(Math.max(1, first - pageLines)) : undefined;
  const after = last < lines ? from(last + 1) : undefined;
  const link = (to: string | undefined, rel: string, text: string) =>
    to === undefined ? '' : html`<a rel="${rel}" href="${to}">${text}</a>\n`;
  return html`<nav class="paging" aria-label="${label}">
${link(previous && textAddress(previous), 'prev', 'Previous text')}${link(before, 'prev', 'Previous lines')}${link(after, 'next', 'Next lines')}${link(next && textAddress(next), 'next', 'Next text')}</nav>`;
}
