// Results as they are typed, on the page that works without this, too: what the server renders for an address is shown in place.

const PAUSE_MS = 150;
/** Whoever goes on typing after so long asks something new: Back leads to what was asked before. */
const SAME_QUESTION_MS = 2_000;

/** How the address comes into the history: as a new entry, in place of the last one, or it is there already. */
type Entry = 'new' | 'typed' | 'there';

const form = find<HTMLFormElement>(document, '#search');
const term = find<HTMLInputElement>(form, '[name=term]');

let loading = new AbortController();
let pause: ReturnType<typeof setTimeout> | undefined;
let lastTyped = Number.NEGATIVE_INFINITY;

document.documentElement.classList.add('scripts');

form.addEventListener('input', ({ target }) => {
  clearTimeout(pause);
  pause = setTimeout(() => show(addressOfForm(), 'typed'), target === term ? PAUSE_MS : 0);
});

form.addEventListener('submit', (event) => {
  event.preventDefault();
  show(addressOfForm(), 'new');
});

document.addEventListener('click', (event) => {
  if (!(event.target instanceof Element)) return;
  const copier = event.target.closest<HTMLElement>('[data-copies]');
  if (copier !== null) copy(copier);
  const link = event.target.closest('a');
  const isOtherWindow = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
  if (link === null || isOtherWindow || !isSearch(link)) return;
  event.preventDefault();
  show(link.href, 'new', true).then(() => {
    // The link is gone: who goes on by keyboard goes on from the results.
    if (document.activeElement === document.body) find(document, '#count').focus({ preventScroll: true });
  });
});

document.addEventListener('keydown', (event) => {
  if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement) return;
  event.preventDefault();
  term.select();
});

addEventListener('popstate', () => show(location.href, 'there', true));

/** Shows what the server says of an address. The last one asked for wins. */
async function show(address: string, entry: Entry, isFormOther = false): Promise<void> {
  clearTimeout(pause);
  loading.abort();
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
      takeOver(page, isFormOther);
      // A quote at random has led to another address.
      remember(response.url, entry);
    } else {
      say(page?.querySelector('[role=alert]')?.textContent ?? JSON.parse(text).message);
    }
  } catch (error) {
    if (signal.aborted) return;
    say('grepd does not answer. Is there a connection?');
    console.error(error);
  }
  results.removeAttribute('aria-busy');
}

function takeOver(page: Document, isFormOther: boolean): void {
  for (const part of ['#count', '#results']) find(document, part).replaceChildren(...find(page, part).childNodes);
  document.title = page.title;
  const random = '#random';
  find<HTMLAnchorElement>(document, random).href = find<HTMLAnchorElement>(page, random).href;
  if (!isFormOther) return;
  const others = find<HTMLFormElement>(page, '#search').elements;
  for (const [at, field] of [...form.elements].entries()) {
    const other = others[at];
    if (field instanceof HTMLInputElement && other instanceof HTMLInputElement) {
      field.value = other.value;
      field.checked = other.checked;
    }
    // It may have another dictionary to choose from.
    if (field instanceof HTMLSelectElement && other instanceof HTMLSelectElement) {
      const { value } = other;
      field.replaceChildren(...other.children);
      field.value = value;
    }
  }
  scrollTo({ top: 0, behavior: 'instant' });
}

function remember(address: string, entry: Entry): void {
  const isSame = entry === 'typed' && performance.now() - lastTyped < SAME_QUESTION_MS;
  lastTyped = entry === 'typed' ? performance.now() : Number.NEGATIVE_INFINITY;
  if (isSame || address === location.href) history.replaceState(null, '', address);
  else if (entry !== 'there') history.pushState(null, '', address);
}

function say(problem: string): void {
  const paragraph = document.createElement('p');
  paragraph.className = 'problem';
  paragraph.setAttribute('role', 'alert');
  paragraph.textContent = problem;
  find(document, '#results').replaceChildren(paragraph);
  find(document, '#count').replaceChildren();
}

/** As the form itself would send it, without what is empty or as it is anyway. */
function addressOfForm(): string {
  const address = new URL(form.action);
  const fields = [...form.elements].filter(
    (field) => field instanceof HTMLInputElement || field instanceof HTMLSelectElement,
  );
  for (const field of fields) {
    if (field instanceof HTMLInputElement && field.type === 'checkbox' && !field.checked) continue;
    if (field.value !== '' && field.value !== field.dataset.default) address.searchParams.set(field.name, field.value);
  }
  return address.href;
}

function isSearch({ origin, pathname }: HTMLAnchorElement): boolean {
  return origin === location.origin && (pathname === '/' || pathname === '/random');
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
  // Browsers give pages that did not come by https no clipboard. What is selected can be copied by hand at least.
  const isCopied = await navigator.clipboard?.writeText(text.textContent ?? '').then(
    () => true,
    () => false,
  );
  button.textContent = isCopied ? 'Copied' : 'Selected: now copy it';
  setTimeout(() => {
    button.textContent = 'Copy';
  }, 2_000);
}

function find<Found extends HTMLElement>(within: ParentNode, selector: string): Found {
  const found = within.querySelector<Found>(selector);
  if (found === null) throw new Error(`The page has no ${selector}`);
  return found;
}
