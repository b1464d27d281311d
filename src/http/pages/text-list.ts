// A page of a list of texts, with a filter for their names, the number of texts, and their size.
import Joi from 'joi';
import { type FieldValues, field } from '../../config/field-table.js';
import { filterByName, filterField } from '../api/name-filter.js';
import { type Html, html } from './html.js';
import { renderBytes, renderNumber } from './numbers.js';

const TEXTS_PER_PAGE = 500;

export const textListFields = {
  filter: filterField,
  from: field<number>({
    schema: Joi.number().unsafe().integer().min(1).default(1),
    expected: 'an integer, 1 or more',
    description: 'the first line, or text, to show',
  }),
};

export interface TextList<Item> {
  /** The texts on the page. */
  items: readonly Item[];
  /** The number of the first of them, from 1. */
  from: number;
  filter: string;
  nrOfMatching: number;
  /** The size of all matching texts. */
  bytes: number;
  /** The number of texts without the filter. */
  nrOfTexts: number;
}

type TextListQuery = FieldValues<typeof textListFields>;

export const ALL_TEXTS: TextListQuery = { filter: '', from: 1 };

export async function selectTexts<Item extends { bytes: number }>(
  texts: readonly Item[],
  query: TextListQuery,
  nameOf: (text: Item) => string,
  signal: AbortSignal,
): Promise<TextList<Item>> {
  return toTextList(await filterByName(texts, query.filter, nameOf, signal), query, texts.length);
}

/** Returns the page that begins with the text number `from`, or the last page if there is none. */
export function toTextList<Item extends { bytes: number }>(
  matching: readonly Item[],
  { filter, from }: TextListQuery,
  nrOfTexts: number,
): TextList<Item> {
  const lastPage = Math.max(0, Math.ceil(matching.length / TEXTS_PER_PAGE) - 1) * TEXTS_PER_PAGE + 1;
  const first = from > matching.length ? lastPage : from;
  return {
    items: matching.slice(first - 1, first - 1 + TEXTS_PER_PAGE),
    from: first,
    filter,
    nrOfMatching: matching.length,
    bytes: matching.reduce((sum, { bytes }) => sum + bytes, 0),
    nrOfTexts,
  };
}

/**
 * Renders the filter and the counts above a table, and the paging below it.
 *
 * @param path the path of the list
 * @param table shown unless no text matches
 */
export function renderTextList<Item>(list: TextList<Item>, path: string, table: Html): Html {
  const { nrOfMatching, nrOfTexts, filter } = list;
  return html`${nrOfTexts > 1 || filter !== '' ? renderFilter(filter, path) : ''}
<p class="hint">${renderCount(list)}</p>
${nrOfMatching === 0 ? '' : table}
${renderPaging(list, path)}`;
}

function renderFilter(filter: string, path: string): Html {
  const all = filter === '' ? '' : html` <a href="${path}">Show all</a>`;
  return html`<form class="filter" action="${path}" method="get"><label>Filter <input type="search" name="filter" value="${filter}" dir="auto" placeholder="part of a name, or *.txt" maxlength="255" autocomplete="off" autocapitalize="off" spellcheck="false"></label> <button>Show</button>${all}</form>`;
}

function renderCount<Item>({ nrOfMatching, nrOfTexts, bytes, items, from, filter }: TextList<Item>): string {
  const noun = nrOfTexts === 1 ? 'text' : 'texts';
  const count = `${filter === '' ? '' : `${renderNumber(nrOfMatching)} of `}${renderNumber(nrOfTexts)} ${noun}`;
  const size = nrOfMatching === 0 ? '' : `, ${renderBytes(bytes)}`;
  const isPart = items.length < nrOfMatching;
  const range = isPart ? `; here ${renderNumber(from)} to ${renderNumber(from + items.length - 1)}` : '';
  return `${count}${size}${range}`;
}

function renderPaging<Item>({ from, items, filter, nrOfMatching }: TextList<Item>, path: string): Html | string {
  if (items.length === nrOfMatching) return '';
  const parameters = filter === '' ? '' : `${new URLSearchParams({ filter })}&`;
  const link = (rel: string, first: number, text: string) =>
    html`<a rel="${rel}" href="${path}?${parameters}from=${first}">${text}</a>\n`;
  const next = from + TEXTS_PER_PAGE;
  return html`<nav class="paging" aria-label="Paging">
${from === 1 ? '' : link('prev', Math.max(1, from - TEXTS_PER_PAGE), 'Previous texts')}${next > nrOfMatching ? '' : link('next', next, 'Next texts')}</nav>`;
}
