// A bar of a chart in a table. The table has the number, too.
import { type Html, html } from './html.js';

const WIDTH = 100;

/** @param max the value of a bar of the full width */
export function renderBar(value: number, max: number): Html {
  const width = max === 0 ? 0 : Math.round((value / max) * WIDTH * 10) / 10;
  return html`<svg class="bar" viewBox="0 0 ${WIDTH} 1" preserveAspectRatio="none" aria-hidden="true"><rect width="${width}" height="1"/></svg>`;
}
