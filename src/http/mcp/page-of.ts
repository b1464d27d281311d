// A page of a list that is in memory.
import { ResultPage } from './result-page.js';

interface Range {
  offset: number;
  /** 0 or less takes as many as fit. */
  nresults: number;
  maxTokens: number;
}

/** Converts and renders only the items that can be on the page. */
export function pageOf<Item, Row>(
  items: readonly Item[],
  toRow: (item: Item) => Row,
  render: (row: Row) => string,
  { offset, nresults, maxTokens }: Range,
): ResultPage<Row> {
  const page = new ResultPage<Row>(maxTokens);
  const end = nresults > 0 ? Math.min(items.length, offset + nresults) : items.length;
  for (let at = offset; at < end && !page.isFull; at += 1) {
    const row = toRow(items[at] as Item);
    page.add({ result: row, text: render(row), isShortened: false });
  }
  return page;
}
