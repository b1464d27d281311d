// Loads the page of a query, and shows its results in place of the current ones.
import { find } from './find.js';
import { fillForm, updateViewOptions } from './form-state.js';
import { type Cause, pushHistory } from './search-history.js';

/** Faster searches show no sign of waiting. */
const SEARCHING_DELAY_MS = 300;

/** The parts that a page with other results has, too. */
const PARTS = ['#term-problem', '#chosen', '#views', '#count', '#exports', '#results'];

/** What stays open, or closed, when the results change. */
const KEPT_DETAILS = ['.plot', '.curl'];

const form = find<HTMLFormElement>(document, '#search');
let loading: { controller: AbortController; address: string; cause: Cause } | undefined;
let searchingTimer: ReturnType<typeof setTimeout> | undefined;

/** Cancels the pending request. */
export function cancel(): void {
  loading?.controller.abort();
  loading = undefined;
  clearTimeout(searchingTimer);
  find(document, '#searching').hidden = true;
  find(document, '#results').removeAttribute('aria-busy');
}

/** Like `cancel`, but keeps a pending choice in the history: Back returns to each choice. */
export function supersede(): void {
  if (loading?.cause === 'chosen') pushHistory(loading.address, 'chosen');
  cancel();
}

/** Loads a URL and shows its results, or its error. The latest call wins. */
export async function show(address: string, cause: Cause): Promise<void> {
  if (cause === 'history') cancel();
  else supersede();
  const controller = new AbortController();
  const { signal } = controller;
  loading = { controller, address, cause };
  find(document, '#results').setAttribute('aria-busy', 'true');
  searchingTimer = setTimeout(() => {
    find(document, '#searching').hidden = false;
  }, SEARCHING_DELAY_MS);
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
  cancel();
}

function replaceResults(page: Document, cause: Cause): void {
  const areOpen = KEPT_DETAILS.map((selector) => document.querySelector<HTMLDetailsElement>(selector)?.open);
  for (const part of PARTS) find(document, part).replaceChildren(...find(page, part).childNodes);
  for (const [index, selector] of KEPT_DETAILS.entries()) {
    const isOpen = areOpen[index];
    if (isOpen !== undefined) document.querySelector(selector)?.toggleAttribute('open', isOpen);
  }
  markTerm();
  document.title = page.title;
  const random = '#random';
  find<HTMLAnchorElement>(document, random).href = find<HTMLAnchorElement>(page, random).href;
  document.dispatchEvent(new Event('resultschange'));
  const source = find<HTMLFormElement>(page, '#search');
  updateViewOptions(form, source);
  if (cause === 'typed' || cause === 'chosen' || cause === 'submitted') return;
  fillForm(form, source);
  scrollTo({ top: cause === 'history' ? (history.state?.scrollY ?? 0) : 0, behavior: 'instant' });
  // The focused link is gone: move the keyboard focus to the results.
  if (document.activeElement === document.body) find(document, '#count').focus({ preventScroll: true });
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
  for (const part of ['#count', '#exports', '#term-problem']) find(document, part).replaceChildren();
  markTerm();
}

/** Marks the term as invalid if a problem is shown beside it. */
function markTerm(): void {
  const isInvalid = find(form, '#term-problem').hasChildNodes();
  find(form, '[name=term]').setAttribute('aria-invalid', String(isInvalid));
}
