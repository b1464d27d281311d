// Links to the views of a query.
import type { Fields } from '../../config/field-table.js';
import { type Html, html } from './html.js';
import type { SubmittedFields, ViewName } from './page-fields.js';
import { searchUrl } from './urls.js';

export interface ViewTabs {
  /** The current view. */
  view: ViewName;
  submitted: SubmittedFields;
  /** The fields of all views: links keep those of the other views. */
  fields: Fields;
}

const LABELS: Record<ViewName, string> = {
  list: 'List',
  kwic: 'In context',
  frequencies: 'Frequencies',
  count: 'Counts',
};

/** Links name the default dictionary, so that they stay valid. */
export function renderTabs({ view, submitted, fields }: ViewTabs, defaultDictionary: string | undefined): Html {
  // Each view has its own order.
  const { order: _, seed: __, offset: ___, ...kept } = withoutDefaults(fields, submitted);
  const links = Object.entries(LABELS).map(([name, label]) => {
    const address = searchUrl(fields, { dictionary: defaultDictionary, ...kept, view: name });
    return html`<a href="${address}"${name === view ? html` aria-current="page"` : ''}>${label}</a>\n`;
  });
  return html`<nav class="views" aria-label="Views">
${links}</nav>`;
}

function withoutDefaults(fields: Fields, submitted: SubmittedFields): Record<string, unknown> {
  const entries = Object.entries(submitted).filter(
    ([name, value]) => value !== String(fields[name]?.schema.validate(undefined).value),
  );
  return Object.fromEntries(entries);
}
