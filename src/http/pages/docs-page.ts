// The reference of the API, shown by a viewer (Swagger UI) that reads the OpenAPI document.

import { routes } from '../routes.js';
import type { Assets } from './assets.js';
import { html } from './html.js';
import { renderPage } from './page.js';

export function renderDocsPage(assets: Assets): string {
  return renderPage(assets, {
    title: 'API – grepd',
    styles: ['base.css', 'swagger-ui.css', 'docs-page.css'],
    libraries: ['swagger-ui-bundle.js'],
    scripts: ['docs-page.js'],
    hasMain: true,
    body: html`<div id="docs" data-document="${routes.openapi.path}">
<noscript><p>The reference is shown by a script. Without one: <a href="${routes.openapi.path}">the OpenAPI document</a>, or
<a href="${routes.instructions.path}">the instructions</a>, which tell the same.</p></noscript>
</div>`,
  });
}
