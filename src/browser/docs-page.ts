// Starts Swagger UI on the API reference.
declare const SwaggerUIBundle: (options: Record<string, unknown>) => unknown;

const root = document.documentElement;
const dark = matchMedia('(prefers-color-scheme: dark)');
dark.addEventListener('change', applyColorScheme);
// A choice of the reader is an attribute of the root.
new MutationObserver(applyColorScheme).observe(root, { attributes: true });
applyColorScheme();

function applyColorScheme(): void {
  const { colorScheme } = getComputedStyle(root);
  root.classList.toggle('dark-mode', colorScheme === 'dark' || (colorScheme !== 'light' && dark.matches));
}

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

/** Returns the text of the first such element in the same operation. */
function textBeside(element: Element, selector: string): string {
  return element.closest('.opblock')?.querySelector(selector)?.textContent ?? '';
}

type Attribute = string | ((element: Element) => string);

/** What Swagger UI's elements lack for screen readers. Its headings skip a level. */
const ATTRIBUTES: Record<string, Record<string, Attribute>> = {
  '.body-param__text': { 'aria-label': 'Request body' },
  '.examples-select-element': { 'aria-label': 'Example' },
  '.parameters select': { 'aria-label': (select) => select.closest('tr')?.dataset.paramName ?? 'Value' },
  '.json-schema-2020-12-accordion:has(> .json-schema-2020-12-accordion__children:empty)': { 'aria-label': 'Schema' },
  '.information-container': { role: 'region', 'aria-label': 'About this API' },
  'table.responses-table[role="region"]': {
    'aria-label': (table) =>
      `Responses of ${textBeside(table, '.opblock-summary-method')} ${textBeside(table, '.opblock-summary-path')}`,
  },
  'h3.opblock-tag, .models > h4': { 'aria-level': '2' },
  '.opblock h4': { 'aria-level': '3' },
  '.opblock h5': { 'aria-level': '4' },
};

if (docs !== null) new MutationObserver(addAttributes).observe(docs, { childList: true, subtree: true });

function addAttributes(): void {
  for (const [selector, attributes] of Object.entries(ATTRIBUTES)) {
    for (const element of document.querySelectorAll(selector)) {
      for (const [name, value] of Object.entries(attributes)) {
        if (!element.hasAttribute(name)) element.setAttribute(name, typeof value === 'string' ? value : value(element));
      }
    }
  }
}

// A module, whose names aren't global.
export {};
