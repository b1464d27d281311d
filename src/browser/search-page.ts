// Search as you type, by progressive enhancement: loads the page that the server renders for the
// query, and replaces the results in place.

const DEBOUNCE_MS = 150;
/** Typing after a longer pause starts a new history entry, so Back returns to the last query. */
const SAME_QUERY_MS = 2_000;

/** What caused a navigation. The history, the form and the scroll position depend on it. */
type Cause = 'typed' | 'submitted' | 'link' | 'history';

const form = find<HTMLFormElement>(document, '#search');
const term = find<HTMLInputElement>(form, '[name=term]');

let loading = new AbortController();
let debounce: ReturnType<typeof setTimeout> | undefined;
let lastTypedAt = Number.NEGATIVE_INFINITY;

document.documentElement.classList.add('js');

form.addEventListener('input', ({ target }) => {
  // A response in flight must not replace the results of the new query.
  cancel();
  const isTyped = target instanceof HTMLInputElement && (target === term || target.type === 'text');
  debounce = setTimeout(() => show(formUrl(), 'typed'), isTyped ? DEBOUNCE_MS : 0);
});

form.addEventListener('submit', (event) => {
  event.preventDefault();
  show(formUrl(), 'submitted');
});

document.addEventListener('click', (event) => {
  if (!(event.target instanceof Element)) return;
  const copier = event.target.closest<HTMLElement>('[data-copies]');
  if (copier !== null) copy(copier);
  if (event.target instanceof SVGSVGElement) followNearestMark(event.target, event.clientX);
  const link = event.target.closest('a');
  const opensNewWindow = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
  if (!(link instanceof HTMLAnchorElement) || opensNewWindow || !isSearch(link)) return;
  event.preventDefault();
  show(link.href, 'link');
});

document.addEventListener('keydown', (event) => {
  if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return;
  const { target } = event;
  if (target instanceof HTMLSelectElement || (target instanceof HTMLInputElement && target.type !== 'checkbox')) return;
  event.preventDefault();
  term.select();
});

addEventListener('popstate', () => show(location.href, 'history'));

/** Cancels the pending request. */
function cancel(): void {
  clearTimeout(debounce);
  loading.abort();
  find(document, '#results').removeAttribute('aria-busy');
}

/** Loads a URL and shows its results, or its error. The latest call wins. */
async function show(address: string, cause: Cause): Promise<void> {
  cancel();
  loading = new AbortController();
  const { signal } = loading;
  const results = find(document, '#results');
  results.setAttribute('aria-busy', 'true');
  try {
    const response = await fetch(address, { signal, headers: { Accept: 'text/html' } });
    const text = await response.text();
    if (signal.aborted) return;
    const isPage = response.headers.get('Content-Type')?.startsWith('text/html');
    const page = isPage ? new DOMParser().parseFromString(text, 'text/html') : undefined;
    if (page?.querySelector('#results')) {
      // A random quote is a redirect, so the URL may have changed.
      pushHistory(response.url, cause);
      replaceResults(page, cause);
    } else {
      showError(page?.querySelector('[role=alert]')?.textContent ?? JSON.parse(text).message, address, cause);
    }
  } catch (error) {
    if (signal.aborted) return;
    showError('grepd is unreachable. Check your connection.', address, cause);
    console.error(error);
  }
  results.removeAttribute('aria-busy');
}

/** Adds a URL to the history, with the scroll position, or replaces the latest entry. */
function pushHistory(address: string, cause: Cause): void {
  if (cause === 'history') return;
  const isSameQuery = cause === 'typed' && performance.now() - lastTypedAt < SAME_QUERY_MS;
  lastTypedAt = cause === 'typed' ? performance.now() : Number.NEGATIVE_INFINITY;
  if (isSameQuery || address === location.href) {
    history.replaceState(null, '', address);
  } else {
    history.replaceState({ scrollY }, '');
    history.pushState(null, '', address);
  }
}

function replaceResults(page: Document, cause: Cause): void {
  const isOpen = document.querySelector<HTMLDetailsElement>('.curl')?.open ?? false;
  for (const part of ['#views', '#count', '#results'])
    find(document, part).replaceChildren(...find(page, part).childNodes);
  document.querySelector('.curl')?.toggleAttribute('open', isOpen);
  document.title = page.title;
  const random = '#random';
  find<HTMLAnchorElement>(document, random).href = find<HTMLAnchorElement>(page, random).href;
  if (cause === 'typed' || cause === 'submitted') return;
  fillForm(find<HTMLFormElement>(page, '#search'));
  scrollTo({ top: cause === 'history' ? (history.state?.scrollY ?? 0) : 0, behavior: 'instant' });
  // The focused link is gone: move the keyboard focus to the results.
  if (document.activeElement === document.body) find(document, '#count').focus({ preventScroll: true });
}

/** Copies the state of another page's form, which has the same fields except for those of the view. */
function fillForm(source: HTMLFormElement): void {
  for (const part of ['#text-chooser', '#view-options']) {
    find(form, part).replaceChildren(...[...find(source, part).childNodes].map((node) => node.cloneNode(true)));
  }
  const conditions = '#conditions';
  // Conditions that apply must be visible.
  if (find<HTMLDetailsElement>(source, conditions).open) find<HTMLDetailsElement>(form, conditions).open = true;
  for (const [index, field] of [...form.elements].entries()) {
    const sourceField = source.elements[index];
    if (field instanceof HTMLInputElement && sourceField instanceof HTMLInputElement) {
      field.value = sourceField.value;
      field.checked = sourceField.checked;
    }
    if (field instanceof HTMLSelectElement && sourceField instanceof HTMLSelectElement) field.value = sourceField.value;
  }
}

/** Shows an error in place of the results. Adds its URL to the history, so Reload retries it. */
function showError(problem: string, address: string, cause: Cause): void {
  // The form and results belong to another entry of the history: let the browser load this one.
  if (cause === 'history') {
    location.reload();
    return;
  }
  pushHistory(address, cause);
  const paragraph = document.createElement('p');
  paragraph.className = 'problem';
  paragraph.setAttribute('role', 'alert');
  paragraph.textContent = problem;
  find(document, '#results').replaceChildren(paragraph);
  find(document, '#count').replaceChildren();
}

/** The URL that submitting the form would load, without empty fields and defaults. */
function formUrl(): string {
  const address = new URL(form.action);
  for (const field of form.elements) {
    if (!(field instanceof HTMLInputElement || field instanceof HTMLSelectElement)) continue;
    if (field instanceof HTMLInputElement && field.type === 'checkbox' && !field.checked) continue;
    // The filter of the texts isn't part of the query.
    if (field.name === 'texts' || field.value === '' || field.value === field.dataset.default) continue;
    address.searchParams.append(field.name, field.value);
  }
  return address.href;
}

function isSearch({ origin, pathname }: HTMLAnchorElement): boolean {
  return origin === location.origin && (pathname === '/' || pathname === '/random');
}

/** Marks are narrower than a fingertip, so a tap follows the nearest one. */
function followNearestMark(strip: SVGSVGElement, x: number): void {
  const distance = (mark: Element) => {
    const { left, right } = mark.getBoundingClientRect();
    return Math.max(left - x, x - right);
  };
  const marks = [...strip.querySelectorAll<SVGAElement>('a')];
  const nearest = marks.reduce((nearest, mark) => (distance(mark) < distance(nearest) ? mark : nearest));
  location.assign(nearest.href.baseVal);
}

async function copy(button: HTMLElement): Promise<void> {
  const source = button.dataset.copies === 'curl' ? '.curl' : 'li';
  const text = button.closest(source)?.querySelector('blockquote, pre');
  if (text === null || text === undefined) return;
  const range = document.createRange();
  range.selectNodeContents(text);
  const selection = getSelection();
  selection?.removeAllRanges();
  selection?.addRange(range);
  // Browsers have no clipboard API without HTTPS. At least the text is selected.
  const isCopied = await navigator.clipboard?.writeText(text.textContent ?? '').then(
    () => true,
    () => false,
  );
  button.textContent = isCopied ? 'Copied' : 'Selected: copy it now';
  setTimeout(() => {
    button.textContent = 'Copy';
  }, 2_000);
}

function find<Type extends HTMLElement>(parent: ParentNode, selector: string): Type {
  const element = parent.querySelector<Type>(selector);
  if (element === null) throw new Error(`The page has no ${selector}`);
  return element;
}
