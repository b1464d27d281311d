// The API reference: Swagger UI, which renders the OpenAPI document.
import { routes } from '../routes.js';
import type { Assets } from './assets.js';
import { html } from './html.js';
import { renderPage } from './page.js';

export function renderDocsPage(assets: Assets): string {
  return renderPage(assets, {
    title: 'API reference – grepd',
    styles: ['base.css', 'swagger-ui.css', 'docs-page.css'],
    libraries: ['swagger-ui-bundle.js'],
    scripts: ['docs-page.js'],
    hasMain: true,
    skipTo: { selector: '#docs', label: 'Skip to the content' },
    body: html`<div id="docs" tabindex="-1" data-document="${routes.openapi.path}">
<noscript><p>This page needs JavaScript. Without it, read <a href="${routes.openapi.path}">the OpenAPI document</a> or
<a href="${routes.instructions.path}">the instructions</a>.</p></noscript>
</div>`,
  });
}
