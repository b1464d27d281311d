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

/** What screen readers call the viewer's controls that it gives no name. */
const names = { '.body-param__text': 'Request body', '.examples-select-element': 'Example' };

if (docs !== null) new MutationObserver(nameControls).observe(docs, { childList: true, subtree: true });

function nameControls(): void {
  for (const [selector, name] of Object.entries(names)) {
    for (const control of document.querySelectorAll(`${selector}:not([aria-label])`))
      control.setAttribute('aria-label', name);
  }
}
