// Keys for the search page: to the search field, through the results, and a list of the keys.
import { find } from './find.js';

/** Single-letter keys disturb speech input, so they can be turned off (WCAG 2.2, 2.1.4). */
const STORAGE_KEY = 'grepd-keys';

const RESULTS = '#results :is(.entries > li, .data > tbody > tr)';

const dialog = find<HTMLDialogElement>(document, '#keys');
const enabled = find<HTMLInputElement>(dialog, '#keys-enabled');
enabled.checked = load() !== 'off';
enabled.addEventListener('change', () => save(enabled.checked ? undefined : 'off'));

find(document, '#show-keys').addEventListener('click', () => dialog.showModal());

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isEditable(event.target)) return;
  if (!enabled.checked || dialog.open || !press(event.key)) return;
  event.preventDefault();
});

// The current result is the one that contains the focus.
document.addEventListener('focusin', ({ target }) => {
  for (const result of document.querySelectorAll(`${RESULTS}[aria-current]`)) result.removeAttribute('aria-current');
  if (target instanceof Element) target.closest(RESULTS)?.setAttribute('aria-current', 'true');
});

/** Returns whether the key has an effect. */
function press(key: string): boolean {
  switch (key) {
    case '/':
      find<HTMLInputElement>(document, '[name=term]').select();
      return true;
    case '?':
      dialog.showModal();
      return true;
    case 'j':
      return moveBy(1);
    case 'k':
      return moveBy(-1);
    default:
      return false;
  }
}

/** Moves the focus to the link of another result, or beyond the last one to the next page. */
function moveBy(step: 1 | -1): boolean {
  const results = [...document.querySelectorAll<HTMLElement>(RESULTS)];
  const current = results.findIndex((result) => result.contains(document.activeElement));
  const index = current === -1 && step === -1 ? -1 : current + step;
  const next = results[index] ?? (step === 1 ? document.querySelector<HTMLElement>('#results a[rel=next]') : null);
  const link = next instanceof HTMLAnchorElement ? next : next?.querySelector<HTMLElement>('a');
  link?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: 'nearest' });
  return link !== undefined && link !== null;
}

function isEditable(target: EventTarget | null): boolean {
  if (target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement) return true;
  return target instanceof HTMLInputElement && target.type !== 'checkbox';
}

function load(): string | null {
  try {
    return localStorage.getItem(STORAGE_KEY);
  } catch {
    return null; // Storage may be disabled.
  }
}

function save(value: string | undefined): void {
  try {
    if (value === undefined) localStorage.removeItem(STORAGE_KEY);
    else localStorage.setItem(STORAGE_KEY, value);
  } catch {
    // The choice still applies to this page.
  }
}
