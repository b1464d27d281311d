// Links that download all results of a query.
import { omitDefaults } from '../../config/field-table.js';
import type { Download } from '../api/download.js';
import { DEFAULT_ACTION } from '../api/parse-query.js';
import { routes } from '../routes.js';
import { type Html, html } from './html.js';
import type { ViewContext } from './view-context.js';

const LABELS: [Download, string][] = [
  ['csv', 'CSV'],
  ['ndjson', 'JSON lines'],
];

export function renderDownloads(context: ViewContext): Html {
  const links = LABELS.map(
    ([download, label]) =>
      html`<a href="${downloadUrl(context, download)}" title="Download all results" download><span class="visually-hidden">Download</span> ${label}</a>\n`,
  );
  return html`<p class="downloads">${links}</p>`;
}

/** A file has all results, in file order instead of a random one. */
function downloadUrl({ request, fields }: ViewContext, download: Download): string {
  const { action, nresults: _, offset: __, seed: ___, ...query } = request as Record<string, unknown>;
  if (query.order === 'random') delete query.order;
  const parameters = Object.entries(omitDefaults(fields.api, query)).flatMap(([name, value]) =>
    [value].flat().map((each) => [name, String(each)]),
  );
  if (action !== DEFAULT_ACTION) parameters.unshift(['action', String(action)]);
  return `${routes.search.path}?${new URLSearchParams([...parameters, ['download', download]])}`;
}
