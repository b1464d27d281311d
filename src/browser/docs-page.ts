// Starts Swagger UI on the API reference.
declare const SwaggerUIBundle: (options: Record<string, unknown>) => unknown;

const dark = matchMedia('(prefers-color-scheme: dark)');
const root = document.documentElement;
const applyColorScheme = () =>
  root.classList.toggle('dark-mode', root.dataset.theme === undefined ? dark.matches : root.dataset.theme === 'dark');
dark.addEventListener('change', applyColorScheme);
new MutationObserver(applyColorScheme).observe(root, { attributeFilter: ['data-theme'] });
applyColorScheme();

const docs = document.querySelector<HTMLElement>('#docs');
SwaggerUIBundle({
  url: docs?.dataset.document,
  domNode: docs,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  tryItOutEnabled: true,
  // Don't send the document to an external validator.
  validatorUrl: null,
});

/** Accessible names for Swagger UI's controls that have none. */
const CONTROL_NAMES = { '.body-param__text': 'Request body', '.examples-select-element': 'Example' };

if (docs !== null) new MutationObserver(nameControls).observe(docs, { childList: true, subtree: true });

function nameControls(): void {
  for (const [selector, name] of Object.entries(CONTROL_NAMES)) {
    for (const control of document.querySelectorAll(`${selector}:not([aria-label])`))
      control.setAttribute('aria-label', name);
  }
}

// A module, whose names aren't global.
export {};
