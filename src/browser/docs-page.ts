// Starts the viewer of the API's reference.

declare const SwaggerUIBundle: (options: Record<string, unknown>) => unknown;

const dark = matchMedia('(prefers-color-scheme: dark)');
const follow = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
dark.addEventListener('change', follow);
follow();

const docs = document.querySelector<HTMLElement>('#docs');
SwaggerUIBundle({
  url: docs?.dataset.document,
  domNode: docs,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  tryItOutEnabled: true,
  // Otherwise it asks a service elsewhere whether the document is valid.
  validatorUrl: null,
});
