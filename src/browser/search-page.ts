// Results as they are typed, on the page that works without this, too: what the server renders for an address is shown in place.

const PAUSE_MS = 150;
/** Whoever goes on typing after so long asks something new: Back leads to what was asked before. */
const SAME_QUESTION_MS = 2_000;

/** How what is shown came about: that is what the history, the form and the place on the page depend on. */
type Cause = 'typed' | 'submitted' | 'link' | 'history';

const form = find<HTMLFormElement>(document, '#search');
const term = find<HTMLInputElement>(form, '[name=term]');

let loading = new AbortController();
let pause: ReturnType<typeof setTimeout> | undefined;
let lastTyped = Number.NEGATIVE_INFINITY;

document.documentElement.classList.add('scripts');

form.addEventListener('input', ({ target }) => {
  // What is on its way must not take the place of what is typed now.
  stop();
  pause = setTimeout(() => show(addressOfForm(), 'typed'), target === term ? PAUSE_MS : 0);
});

form.addEventListener('submit', (event) => {
  event.preventDefault();
  show(addressOfForm(), 'submitted');
});

document.addEventListener('click', (event) => {
  if (!(event.target instanceof Element)) return;
  const copier = event.target.closest<HTMLElement>('[data-copies]');
  if (copier !== null) copy(copier);
  if (event.target instanceof SVGSVGElement) followNearestMark(event.target, event.clientX);
  const link = event.target.closest('a');
  const isOtherWindow = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
  if (!(link instanceof HTMLAnchorElement) || isOtherWindow || !isSearch(link)) return;
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

/** Ends what is on its way. */
function stop(): void {
  clearTimeout(pause);
  loading.abort();
  find(document, '#results').removeAttribute('aria-busy');
}

/** Shows what the server says of an address. The last one asked for wins. */
async function show(address: string, cause: Cause): Promise<void> {
  stop();
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
      // A quote at random has led to another address.
      remember(response.url, cause);
      takeOver(page, cause);
    } else {
      fail(page?.querySelector('[role=alert]')?.textContent ?? JSON.parse(text).message, address, cause);
    }
  } catch (error) {
    if (signal.aborted) return;
    fail('grepd does not answer. Is there a connection?', address, cause);
    console.error(error);
  }
  results.removeAttribute('aria-busy');
}

/** Puts the address into the history: as a new entry, or in place of the last one, and with that where on the page one was. */
function remember(address: string, cause: Cause): void {
  if (cause === 'history') return;
  const isSame = cause === 'typed' && performance.now() - lastTyped < SAME_QUESTION_MS;
  lastTyped = cause === 'typed' ? performance.now() : Number.NEGATIVE_INFINITY;
  if (isSame || address === location.href) {
    history.replaceState(null, '', address);
  } else {
    history.replaceState({ scrollY }, '');
    history.pushState(null, '', address);
  }
}

function takeOver(page: Document, cause: Cause): void {
  const isOpen = document.querySelector<HTMLDetailsElement>('.curl')?.open ?? false;
  for (const part of ['#count', '#results']) find(document, part).replaceChildren(...find(page, part).childNodes);
  document.querySelector('.curl')?.toggleAttribute('open', isOpen);
  document.title = page.title;
  const random = '#random';
  find<HTMLAnchorElement>(document, random).href = find<HTMLAnchorElement>(page, random).href;
  if (cause === 'typed' || cause === 'submitted') return;
  fillForm(find<HTMLFormElement>(page, '#search'));
  scrollTo({ top: cause === 'history' ? (history.state?.scrollY ?? 0) : 0, behavior: 'instant' });
  // The link is gone: who goes on by keyboard goes on from the results.
  if (document.activeElement === document.body) find(document, '#count').focus({ preventScroll: true });
}

function fillForm(other: HTMLFormElement): void {
  for (const [at, field] of [...form.elements].entries()) {
    const given = other.elements[at];
    if (field instanceof HTMLInputElement && given instanceof HTMLInputElement) {
      field.value = given.value;
      field.checked = given.checked;
    }
    // It may have another dictionary to choose from.
    if (field instanceof HTMLSelectElement && given instanceof HTMLSelectElement) {
      const { value } = given;
      field.replaceChildren(...given.children);
      field.value = value;
    }
  }
}

/** What is asked for stands in the address, so that it can be asked for again. */
function fail(problem: string, address: string, cause: Cause): void {
  // The form and the results are those of another address: the browser itself shows what there is of this one.
  if (cause === 'history') {
    location.reload();
    return;
  }
  remember(address, cause);
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
  for (const field of form.elements) {
    if (!(field instanceof HTMLInputElement || field instanceof HTMLSelectElement)) continue;
    if (field instanceof HTMLInputElement && field.type === 'checkbox' && !field.checked) continue;
    if (field.value !== '' && field.value !== field.dataset.default) address.searchParams.set(field.name, field.value);
  }
  return address.href;
}

function isSearch({ origin, pathname }: HTMLAnchorElement): boolean {
  return origin === location.origin && (pathname === '/' || pathname === '/random');
}

/** Marks are thin, and fingers are not. */
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
