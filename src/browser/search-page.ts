// Search as you type, by progressive enhancement: loads the page that the server renders for the
// query, and replaces the results in place.
import { find } from './find.js';
import { formUrl } from './form-state.js';
import { cancel, show, supersede } from './load-results.js';

const DEBOUNCE_MS = 150;

const form = find<HTMLFormElement>(document, '#search');
let debounce: ReturnType<typeof setTimeout> | undefined;

// Older browsers can't keep the options open by style alone.
if (!CSS.supports('selector(::details-content)') && matchMedia('(min-width: 40.01rem)').matches) {
  find<HTMLDetailsElement>(form, '#options').open = true;
}

form.addEventListener('input', ({ target }) => {
  // A response in flight must not replace the results of the new query.
  clearTimeout(debounce);
  supersede();
  const isTyped = target instanceof HTMLInputElement && /^(search|text|number)$/.test(target.type);
  debounce = setTimeout(() => show(formUrl(form), isTyped ? 'typed' : 'chosen'), isTyped ? DEBOUNCE_MS : 0);
});

form.addEventListener('submit', (event) => {
  event.preventDefault();
  clearTimeout(debounce);
  show(formUrl(form), 'submitted');
});

find(document, '#cancel').addEventListener('click', () => {
  cancel();
  find(document, '#count').focus({ preventScroll: true });
});

document.addEventListener('click', (event) => {
  if (!(event.target instanceof Element)) return;
  const link = event.target.closest('a');
  const opensNewWindow = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
  if (!(link instanceof HTMLAnchorElement) || opensNewWindow || !isSearch(link)) return;
  event.preventDefault();
  clearTimeout(debounce);
  show(link.href, 'link');
});

addEventListener('popstate', () => {
  clearTimeout(debounce);
  show(location.href, 'history');
});

function isSearch({ origin, pathname, hash }: HTMLAnchorElement): boolean {
  return origin === location.origin && hash === '' && (pathname === '/' || pathname === '/random');
}
