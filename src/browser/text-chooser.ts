// Filters the texts in the search form as the user types, and keeps the choice consistent: all
// texts, or some of them.
import { find } from './find.js';
import { formUrl } from './form-state.js';

const DEBOUNCE_MS = 150;
const ALL = '*';

/** The element may be replaced together with the results. */
const chooser = () => find(document, '#text-chooser');
const form = find<HTMLFormElement>(document, '#search');
let loading = new AbortController();
let debounce: ReturnType<typeof setTimeout> | undefined;

// In the capturing phase, before the form searches.
form.addEventListener(
  'input',
  (event) => {
    const { target } = event;
    if (!(target instanceof HTMLInputElement) || !chooser().contains(target)) return;
    if (target.type === 'checkbox') {
      keepConsistent(target);
      return;
    }
    // The filter isn't part of the query.
    event.stopPropagation();
    clearTimeout(debounce);
    debounce = setTimeout(() => showMatching(target.value), DEBOUNCE_MS);
  },
  { capture: true },
);

// In the capturing phase, before the link is followed: the query may have changed since it was shown.
form.addEventListener(
  'click',
  ({ target }) => {
    const link = target instanceof Element ? target.closest('a.several') : null;
    if (!(link instanceof HTMLAnchorElement)) return;
    const address = new URL(formUrl(form));
    address.searchParams.set('texts', ALL);
    link.href = address.href;
  },
  { capture: true },
);

form.addEventListener('keydown', (event) => {
  const { target, key } = event;
  if (!(target instanceof Element) || !chooser().contains(target)) return;
  const details = chooser().querySelector('details');
  if (key === 'Escape' && details?.open) {
    details.open = false;
    details.querySelector('summary')?.focus();
  }
  // Enter in the filter would submit the form.
  if (key === 'Enter' && target instanceof HTMLInputElement && target.name === 'texts') event.preventDefault();
});

document.addEventListener('click', ({ target }) => {
  const details = chooser().querySelector('details');
  if (details !== null && target instanceof Node && target.isConnected && !chooser().contains(target)) {
    details.open = false;
  }
});

function checkboxes(): HTMLInputElement[] {
  return [...chooser().querySelectorAll<HTMLInputElement>('[type=checkbox]')];
}

/** All texts exclude a choice of some. Without any choice, all texts are searched. */
function keepConsistent(changed: HTMLInputElement): void {
  const boxes = checkboxes();
  const all = boxes.find(({ value }) => value === ALL);
  if (all === undefined) return;
  if (changed === all && all.checked) for (const box of boxes) box.checked = box === all;
  else if (changed.checked) all.checked = false;
  const chosen = boxes.filter(({ checked }) => checked);
  if (chosen.length === 0) all.checked = true;
  const name = all.checked ? 'All texts' : chosen.length === 1 ? (chosen[0]?.value ?? '') : `${chosen.length} texts`;
  const label = chooser().querySelector('summary b');
  if (label) label.textContent = name;
}

/** Replaces the list of texts by those that match a filter. The latest call wins. */
async function showMatching(filter: string): Promise<void> {
  loading.abort();
  loading = new AbortController();
  const { signal } = loading;
  const address = new URL(form.action);
  for (const { value } of checkboxes().filter(({ checked }) => checked))
    address.searchParams.append('dictionary', value);
  address.searchParams.set('texts', filter === '' ? ALL : filter);
  try {
    const response = await fetch(address, { signal, headers: { Accept: 'text/html' } });
    const page = new DOMParser().parseFromString(await response.text(), 'text/html');
    if (signal.aborted) return;
    for (const part of ['fieldset', '.hint']) {
      const replacement = page.querySelector(`#text-chooser ${part}`);
      if (replacement !== null) chooser().querySelector(part)?.replaceWith(replacement);
    }
  } catch (error) {
    if (!signal.aborted) console.error(error);
  }
}
