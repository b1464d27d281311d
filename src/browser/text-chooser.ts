// Filters the texts in the search form as the user types, and keeps the choice consistent: all
// texts, or some of them.
const DEBOUNCE_MS = 150;
const ALL = '*';

const chooser = document.querySelector<HTMLElement>('#text-chooser');
let loading = new AbortController();
let debounce: ReturnType<typeof setTimeout> | undefined;

if (chooser !== null) {
  chooser.addEventListener('input', (event) => {
    const { target } = event;
    if (!(target instanceof HTMLInputElement)) return;
    if (target.type === 'checkbox') {
      keepConsistent(target);
      return;
    }
    // The filter isn't part of the query.
    event.stopPropagation();
    clearTimeout(debounce);
    debounce = setTimeout(() => showMatching(target.value), DEBOUNCE_MS);
  });
  chooser.addEventListener('keydown', (event) => {
    const details = chooser.querySelector('details');
    if (event.key === 'Escape' && details !== null && details.open) {
      details.open = false;
      details.querySelector('summary')?.focus();
    }
    // Enter in the filter would submit the form.
    const isFilter = event.target instanceof HTMLInputElement && event.target.name === 'texts';
    if (event.key === 'Enter' && isFilter) event.preventDefault();
  });
  document.addEventListener('click', ({ target }) => {
    const details = chooser.querySelector('details');
    if (details !== null && target instanceof Node && !chooser.contains(target)) details.open = false;
  });
}

function checkboxes(): HTMLInputElement[] {
  return [...(chooser?.querySelectorAll<HTMLInputElement>('[type=checkbox]') ?? [])];
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
  const label = chooser?.querySelector('summary b');
  if (label) label.textContent = name;
}

/** Replaces the list of texts by those that match a filter. The latest call wins. */
async function showMatching(filter: string): Promise<void> {
  loading.abort();
  loading = new AbortController();
  const { signal } = loading;
  const form = chooser?.closest('form');
  if (!form) return;
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
      if (replacement !== null) chooser?.querySelector(part)?.replaceWith(replacement);
    }
  } catch (error) {
    if (!signal.aborted) console.error(error);
  }
}
