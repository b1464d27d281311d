// The OpenSearch description, by which browsers add grepd as a search engine of the address bar:
// https://github.com/dewitt/opensearch/blob/master/opensearch-1-1-draft-6.md
import { routes } from '../routes.js';
import { html } from './html.js';

export const OPENSEARCH_TYPE = 'application/opensearchdescription+xml';

/**
 * Renders the description for clients that reach the service at this origin. It names no address
 * for suggestions, so a browser sends nothing before the reader presses Enter.
 */
export function renderOpenSearch(origin: string): string {
  return html`<?xml version="1.0" encoding="UTF-8"?>
<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">
<ShortName>grepd</ShortName>
<Description>Finds the lines that contain a term, as grep does.</Description>
<Url type="text/html" template="${origin}${routes.page.path}?term={searchTerms}"/>
<Url type="${OPENSEARCH_TYPE}" rel="self" template="${origin}${routes.opensearch.path}"/>
<Image width="16" height="16" type="image/x-icon">${origin}${routes.favicon.path}</Image>
<InputEncoding>UTF-8</InputEncoding>
</OpenSearchDescription>
`.text;
}
