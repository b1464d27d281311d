// A text with its matches marked.
import type { Match } from '../../search/engine.js';
import { type Html, html } from './html.js';

/** @param matches in order and without overlaps */
export function renderMarked(text: string, matches: readonly Match[]): Html {
  let position = 0;
  const parts = matches.map(([start, end]) => {
    const part = html`${text.slice(position, start)}<mark>${text.slice(start, end)}</mark>`;
    position = end;
    return part;
  });
  return html`${parts}${text.slice(position)}`;
}
